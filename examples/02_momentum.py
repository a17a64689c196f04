"""The order that the PyTorch tutorials teach, with momentum: watch the buffer remember old gradients."""
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

torch.manual_seed(1)
images = datasets.CIFAR10(root='./data', train=False, download=True, transform=transforms.ToTensor())
loader = DataLoader(images, batch_size=4)


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
optimizer = optim.SGD(network.parameters(), lr=0.01, momentum=0.9)

for image, label in loader:
    optimizer.zero_grad()  # forget the gradients of the last batch
    prediction = network(image)
    loss = criterion(prediction, label)
    loss.backward()  # a gradient for every parameter
    optimizer.step()  # buffer = 0.9 * buffer + gradient; parameter -= lr * buffer
    print(loss.item())
