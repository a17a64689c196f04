"""Adam on two numbers: fit the line y = 3x - 0.5 and read every term of the update by eye."""
import torch
from torch import optim

torch.manual_seed(5)
x = torch.linspace(-1, 1, 32)
y = 3 * x - 0.5

slope = torch.zeros(1, requires_grad=True)
intercept = torch.rand(1, requires_grad=True)
optimizer = optim.Adam([slope, intercept], lr=0.05)

for step in range(200):
    optimizer.zero_grad()
    loss = ((slope * x + intercept - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(step, loss.item())
print(slope.item(), intercept.item())
