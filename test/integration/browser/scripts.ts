import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeSampleFolder } from '../../support/sampleFolder';

/** A folder with the scripts of the golden traces, the examples and the built-in images where the scripts look. */
export function makeScriptFolder(): { root: string; scripts: string } {
  const root = mkdtempSync(join(tmpdir(), 'gradstep-scripts-'));
  const scripts = join(root, 'scripts');
  mkdirSync(scripts);
  for (const name of ['01_cifar_sgd', '02_official_loop_momentum', '03_steplr', '05_missing_zero_grad']) {
    cpSync(resolve('test/fixtures/traces', `${name}.py`), join(scripts, `${name}.py`));
  }
  cpSync(resolve('examples'), join(scripts, 'examples'), { recursive: true });
  for (const folder of [join(root, 'dataset_download'), join(scripts, 'examples', 'data')]) writeSampleFolder(folder);
  writeFileSync(join(scripts, 'bad.py'), badScript);
  return { root, scripts };
}

/** Two names that PyTorch has and Gradstep has not, on lines 4 and 5. */
const badScript = `import torch
from torch import nn

model = nn.TransformerDecoderLayer(8, 2)
torch.jit.script(model)
`;

export interface GoldenEvent {
  event: number;
  phase: string;
  line: number;
  lr: number[];
  loss?: number;
  params: Record<string, { shape: number[]; l2: number; grad: { l2: number } | null }>;
}

/** PyTorch's own numbers for a script on the built-in images. */
export function goldenEvents(name: string): GoldenEvent[] {
  return readFileSync(resolve('test/fixtures/traces/sample', `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"event"'))
    .map((line) => JSON.parse(line) as GoldenEvent);
}
