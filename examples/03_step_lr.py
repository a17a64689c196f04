"""StepLR: the learning rate falls to a tenth after every 30 epochs. Train and validate on a handful of images."""
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms

torch.manual_seed(2)
images = datasets.CIFAR10(root='./data', train=False, download=True, transform=transforms.ToTensor())
training = DataLoader(Subset(images, range(0, 16)), batch_size=16)
validation = DataLoader(Subset(images, range(16, 32)), batch_size=16)

network = nn.Sequential(nn.Conv2d(3, 4, 5, stride=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(196, 10))
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(network.parameters(), lr=0.05)
scheduler = StepLR(optimizer, step_size=30, gamma=0.1)


def train():
    network.train()
    for image, label in training:
        optimizer.zero_grad()
        loss = criterion(network(image), label)
        loss.backward()
        optimizer.step()


@torch.no_grad()
def validate():
    network.eval()
    correct = sum((network(image).argmax(1) == label).sum().item() for image, label in validation)
    return correct / len(validation.dataset)


for epoch in range(90):
    train()
    accuracy = validate()
    scheduler.step()  # once an epoch, after the optimizer's steps
    if (epoch + 1) % 10 == 0:
        print(f'epoch {epoch + 1}: learning rate {scheduler.get_last_lr()[0]:.6f}, accuracy {accuracy:.3f}')
