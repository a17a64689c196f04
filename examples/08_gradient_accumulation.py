"""Not a mistake: gradients are added up over four small batches on purpose, then one step is taken and they are cleared."""
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

torch.manual_seed(7)
images = datasets.CIFAR10(root='./data', train=False, download=True, transform=transforms.ToTensor())
loader = DataLoader(images, batch_size=4)

network = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 15 * 15, 10))
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(network.parameters(), lr=0.05)
batches_per_step = 4

for index, (image, label) in enumerate(loader, start=1):
    loss = criterion(network(image), label) / batches_per_step
    loss.backward()
    if index % batches_per_step == 0:
        optimizer.step()
        optimizer.zero_grad()
        print(f'after {index} batches: loss {loss.item() * batches_per_step:.3f}')
