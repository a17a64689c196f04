"""Adam on shuffled batches, with a schedule that halves the rate after every second step."""
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

torch.manual_seed(6)
images = datasets.CIFAR10(root='./data', train=False, download=True, transform=transforms.ToTensor())
loader = DataLoader(images, batch_size=8, shuffle=True, drop_last=True)


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
optimizer = optim.Adam(network.parameters(), lr=0.001)
scheduler = StepLR(optimizer, step_size=2, gamma=0.5)

for step, (image, label) in enumerate(loader):
    optimizer.zero_grad()
    prediction = network(image)
    loss = criterion(prediction, label)
    loss.backward()
    optimizer.step()
    scheduler.step()
    if step % 10 == 0:
        print(f'step {step}: loss {loss.item():.3f}, learning rate {scheduler.get_last_lr()[0]:.2e}')
