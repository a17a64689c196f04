import { mkdirSync, mkdtempSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Generator } from '../../../src/core/random/generator';
import { Tape } from '../../../src/core/tensor/tape';
import { createInterpreter } from '../../../src/script/runScript';
import { PyModule } from '../../../src/script/objects/functions';
import type { ModuleRow } from '../../../src/script/objects/interpreter';
import { nativeFunction } from '../../../src/script/objects/native';
import { numpyModules } from '../../../src/script/numpy/numpyModules';
import { setAsideModules } from '../../../src/script/setAside/setAsideModules';
import { dataModules } from '../../../src/script/torch/data/dataModules';
import { PyTensor } from '../../../src/script/torch/tensorClass';
import { attachTorchContext } from '../../../src/script/torch/torchContext';
import { torchModules } from '../../../src/script/torch/torchModules';
import { PyImage } from '../../../src/script/torchvision/pilImage';
import { torchvisionModules } from '../../../src/script/torchvision/torchvisionModules';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';

/** What a run of a script leaves behind. */
export interface Run {
  output: string;
  notices: string[];
  epochs: number;
}

export interface RunOptions {
  scriptFolder?: string;
  dataFolder?: string | null;
}

/** FNV-1a over bytes: what `probe.digest` prints of a tensor's or an image's elements. */
function fnv(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

const digest = nativeFunction('digest', 'value', (args) => {
  const value = args.value('value');
  if (value instanceof PyImage) {
    const { data, height, width } = value.image;
    return `${value.mode} [${width}, ${height}] ${fnv(data)}`.replace(`[${width}, ${height}]`, `[${height}, ${width}]`);
  }
  const { tensor } = args.object('value', PyTensor, 'Tensor');
  const { data } = tensor;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return `torch.${tensor.dtype} [${tensor.shape.join(', ')}] ${fnv(bytes)}`;
});

const probe: ModuleRow = { name: 'probe', build: () => new PyModule('probe', { digest }) };

/** Runs a script with torch, torchvision and what is set aside; `probe.digest` tells tensors and images apart. */
export function runScript(source: string, options: RunOptions = {}): Run {
  const run: Run = { output: '', notices: [], epochs: 0 };
  const script = createInterpreter({
    source,
    fileName: 'script.py',
    modules: [probe, ...torchModules, ...dataModules, ...torchvisionModules, ...setAsideModules, ...numpyModules],
    host: {
      print: (text) => {
        run.output += text;
      },
      warn: (category, message) => {
        run.output += `${category}: ${message}\n`;
      },
      progress: () => undefined,
      interrupted: () => false,
      now: () => 0,
      environment: new Map(),
    },
  });
  const { runtime } = script;
  attachTorchContext({
    interpreter: runtime,
    tape: new Tape(new OrtRuntime({ device: 'cpu', threads: 1 })),
    recorder: { record: () => undefined },
    generator: new Generator(),
    defaultDtype: 'float32',
    runtimeDevice: 'cpu',
    warn: (message) => runtime.warn(message),
    notice: (text) => run.notices.push(text),
    onEpochEnd: () => {
      run.epochs++;
    },
    ...options,
  });
  script.run();
  return run;
}

/** The byte number `n` of the images that the fixtures were recorded with. */
function level(n: number): number {
  let mixed = (Math.imul(n, 2654435761) + 12345) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 0;
  return (mixed >>> 13) & 255;
}

const images = 30;

function levels(first: number, size: number): Uint8Array {
  return Uint8Array.from({ length: images * size }, (_, i) => level(first * size + i));
}

function idx(shape: number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 8;
  header[3] = shape.length;
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, data]);
}

/** A new folder with `data/`: 30 images of noise as CIFAR-10 (train and test) and as MNIST, in the files' own formats. */
export function writeDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gradstep-data-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const cifar = join(folder, 'data', 'cifar-10-batches-bin');
  const mnist = join(folder, 'data', 'MNIST', 'raw');
  for (const path of [cifar, mnist]) mkdirSync(path, { recursive: true });
  for (const [name, first] of [
    ['data_batch_1.bin', 0],
    ['test_batch.bin', 1000],
  ] as const) {
    const planes = levels(first, 3072);
    const records = Array.from({ length: images }, (_, i) =>
      Buffer.concat([Buffer.of(((first + i) * 7) % 10), planes.subarray(i * 3072, (i + 1) * 3072)]),
    );
    writeFileSync(join(cifar, name), Buffer.concat(records));
  }
  writeFileSync(join(mnist, 'train-images-idx3-ubyte'), idx([images, 28, 28], levels(0, 784)));
  const labels = Uint8Array.from({ length: images }, (_, i) => (i * 3) % 10);
  writeFileSync(join(mnist, 'train-labels-idx1-ubyte'), idx([images], labels));
  return folder;
}

/** A script of the fixtures, and what Python printed. */
export function fixture(name: string): { source: string; output: string } {
  const read = (ending: string) => readFileSync(`test/fixtures/${name}.${ending}`, 'utf8');
  return { source: read('py'), output: read('out') };
}
