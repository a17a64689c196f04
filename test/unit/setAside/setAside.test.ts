import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from '../torchData/runScript';

test('what only logs and draws is taken, does nothing, and says so once for each library', () => {
  const source = `
import matplotlib.pyplot as plt
from matplotlib import cm
from torch.utils.tensorboard import SummaryWriter
import wandb

writer = SummaryWriter(log_dir='runs')
with SummaryWriter() as other:
    other.add_scalar('loss', 1.0, 3)
writer.add_scalar('loss', 1.0, 3)
writer.close()
wandb.init(project='x', config={'a': 1})
wandb.log({'loss': 1})
wandb.config.lr = 3
plt.figure(figsize=(3, 4))
plt.plot([1, 2], [3, 4], label='x')
fig, ax = plt.subplots()
ax.set_title('t')
fig, axes = plt.subplots(2, 3, figsize=(4, 4))
for row in axes:
    for one in row:
        one.plot([1])
print(len(axes), len(list(axes.flat)), len(axes[0]))
fig, (left, right) = plt.subplots(1, 2)
axes[0, 1].imshow(None, cmap=cm.gray)
counts, edges, patches = plt.hist([1, 2, 3])
print(list(writer), bool(writer), hasattr(plt, 'show'))
plt.show()
`;
  const run = runScript(source);
  assert.equal(run.output, '2 6 3\n[] True True\n');
  assert.deepEqual(run.notices, [
    'matplotlib is set aside: nothing is drawn.',
    'torch.utils.tensorboard is set aside: nothing is logged.',
    'wandb is set aside: nothing is logged.',
  ]);
});
