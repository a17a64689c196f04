import { join } from 'node:path';
import type { StartOptions } from '../../../src/common/engineContract';
import { EngineClient } from '../../../src/engine/client';

/** The project's folder: tests run there. */
export const projectFolder = process.cwd();

export function newClient(): EngineClient {
  return new EngineClient({ entry: join(projectFolder, 'dist', 'engine', 'main.cjs') });
}

/** Runs `body` with an engine of its own, and closes it. */
export async function withEngine<T>(body: (client: EngineClient) => Promise<T>): Promise<T> {
  const client = newClient();
  try {
    return await body(client);
  } finally {
    client.dispose();
  }
}

export function scriptOptions(source: string, change: Partial<StartOptions> = {}): StartOptions {
  return {
    fileName: join(projectFolder, 'script.py'),
    source,
    device: 'cpu',
    threads: 1,
    dataFolder: null,
    mode: 'stepping',
    goal: { kind: 'next' },
    ...change,
  };
}

/** A small classifier on drawn data; its loop is in the lines 11 to 16, and it prints once an epoch. */
export const smallTraining = `import torch
import torch.nn as nn

torch.manual_seed(3)
inputs = torch.randn(24, 6)
labels = torch.randint(0, 3, (24,))
net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(50):
    for i in range(0, 24, 8):
        optimizer.zero_grad()
        output = net(inputs[i:i + 8])
        loss = criterion(output, labels[i:i + 8])
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
`;
