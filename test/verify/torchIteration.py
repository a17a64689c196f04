"""The median time of one training iteration of script 01's network in PyTorch on a GPU, in milliseconds.

Usage: torchIteration.py BATCH_SIZE. Exit code 3 where there is no torch with CUDA.
"""
import sys
import time

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit(3)
if not torch.cuda.is_available():
    sys.exit(3)
torch.backends.cudnn.benchmark = True
batch = int(sys.argv[1])
network = nn.Sequential(
    nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
    nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10)).cuda()
optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
images, labels = torch.rand(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
times = []
for iteration in range(320):
    begun = time.perf_counter()
    # A batch comes from the CPU, and the loss is looked at: as in a script that is stepped through.
    loss = criterion(network(images.cuda()), labels.cuda())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    loss.item()
    times.append((time.perf_counter() - begun) * 1e3)
print(sorted(times[20:])[150])
