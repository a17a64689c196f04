import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach } from 'node:test';
import { DebugDriver } from './debugDriver';

/** A loop of three layers, small enough for many steps; lines are counted from 1. */
export const loopScript = `import torch
from torch import nn, optim

torch.manual_seed(0)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.relu = nn.ReLU()
        self.last = nn.Linear(8, 2)

    def forward(self, x):
        hidden = self.first(x)
        hidden = self.relu(hidden)
        return self.last(hidden)


def double(value):
    result = value * 2
    return result


network = Network()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
inputs = torch.randn(6, 4)
targets = torch.tensor([0, 1, 0, 1, 0, 1])

for epoch in range(4):
    optimizer.zero_grad()
    output = network(inputs)
    loss = criterion(output, targets)
    loss.backward()
    optimizer.step()
    scheduler.step()
    total = double(epoch)
    print('epoch', epoch, total)
print('done')
`;

/** Lines of `loopScript` by what stands there. */
export function lineOf(text: string, script = loopScript): number {
  const index = script.split('\n').findIndex((line) => line.trim().startsWith(text));
  if (index < 0) throw new Error(`no line begins with ${text}`);
  return index + 1;
}

/** Scripts on the disk and debug sessions, all gone after the tests that use them. */
export function debugFixture(): { open(): DebugDriver; write(name: string, text: string): string } {
  const folder = mkdtempSync(join(tmpdir(), 'gradstep-debug-'));
  const opened: DebugDriver[] = [];
  afterEach(async () => {
    for (const driver of opened.splice(0)) await driver.close();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    open: () => {
      const driver = DebugDriver.open();
      opened.push(driver);
      return driver;
    },
    write: (name, text) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
  };
}
