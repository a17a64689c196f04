"""A classic mistake: scheduler.step() stands where optimizer.step() belongs. The rate decays and nothing learns."""
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

torch.manual_seed(3)
images = datasets.CIFAR10(root='./data', train=False, download=True, transform=transforms.ToTensor())
loader = DataLoader(images, batch_size=1)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 32, kernel_size=5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 32, kernel_size=5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, kernel_size=5, padding=2),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * 4 * 4, 64),
            nn.Linear(64, 10),
        )

    def forward(self, x):
        return self.layers(x)


network = Network()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(network.parameters(), lr=0.001)
scheduler = StepLR(optimizer, step_size=30, gamma=0.1)

for epoch in range(2):
    for image, label in loader:
        prediction = network(image)
        loss = criterion(prediction, label)
        optimizer.zero_grad()
        loss.backward()
        scheduler.step()  # the mistake: no parameter moves
    print(f'epoch {epoch + 1}: loss {loss.item():.3f}, learning rate {scheduler.get_last_lr()[0]:.1e}')
