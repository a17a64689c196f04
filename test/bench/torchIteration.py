"""The median time of one training iteration of script 01's network in PyTorch eager, in milliseconds."""
import sys
import time

import torch
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
network = nn.Sequential(
    nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
    nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))
optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
image, label = torch.rand(1, 3, 32, 32), torch.tensor([3])
times = []
for iteration in range(320):
    begun = time.perf_counter()
    loss = criterion(network(image), label)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    times.append((time.perf_counter() - begun) * 1e3)
print(sorted(times[20:])[150])
