import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Graph } from '../../src/core/onnx/graph';
import { optimizeForCpu } from '../../src/core/onnx/optimizeForCpu';
import { encodeModel } from '../../src/core/onnx/encodeModel';
import { allocatorSettings } from '../../src/engine/allocatorSettings';
import { OrtRuntime, sessionOptions } from '../../src/runtime/ortRuntime';
import { iterationGraph } from '../support/iterationGraph';
import { median, threads } from './contestants';

/*
 * Where the time of an iteration's graph goes, operator by operator, beside the rate of a large matrix product, which
 * is what a convolution's products would take without blocks of channels.
 */

const folder = mkdtempSync(join(tmpdir(), 'gradstep-profile-bench-'));
const runs = 30;
const warmUp = 10;
const batches = [1, 4, 16, 64];
const runtime = new OrtRuntime({ device: 'cpu', threads });
const network = readFileSync(join('test', 'bench', 'convolutionNetwork.py'), 'utf8');

/** A line of ONNX Runtime's profile. */
interface ProfileLine {
  cat: string;
  name: string;
  /** Microseconds. */
  dur: number;
  args?: { op_name?: string };
}

/** Small numbers of an input's type; labels are zero. */
function feedOf({ name, ...metadata }: InferenceSession.ValueMetadata): [string, Tensor] {
  if (!metadata.isTensor) throw new Error(`${name} is no tensor`);
  const shape = metadata.shape.map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  if (metadata.type === 'int64') return [name, new Tensor('int64', new BigInt64Array(count), shape)];
  const data = Float32Array.from({ length: count }, () => (Math.random() - 0.5) / 10);
  return [name, new Tensor('float32', data, shape)];
}

/** Milliseconds of a run by operator, the longest first. */
async function profile(model: Uint8Array): Promise<[string, number][]> {
  const prefix = join(folder, `profile${readdirSync(folder).length}`);
  const session = await InferenceSession.create(model, {
    ...sessionOptions({ device: 'cpu', threads }),
    enableProfiling: true,
    profileFilePrefix: prefix,
  });
  const feeds = Object.fromEntries(session.inputMetadata.map(feedOf));
  for (let run = 0; run < warmUp + runs; run++) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const file = readdirSync(folder).find((name) => join(folder, name).startsWith(prefix))!;
  const lines = JSON.parse(readFileSync(join(folder, file), 'utf8')) as ProfileLine[];
  const byNode = new Map<string, { op: string; times: number[] }>();
  for (const { cat, name, dur, args } of lines) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const node = byNode.get(name) ?? { op: args?.op_name ?? '', times: [] };
    node.times.push(dur / 1000);
    byNode.set(name, node);
  }
  const byOperator = new Map<string, number>();
  for (const { op, times } of byNode.values()) {
    byOperator.set(op, (byOperator.get(op) ?? 0) + median(times.slice(warmUp)));
  }
  return [...byOperator].sort(([, a], [, b]) => b - a);
}

/** Of a product of two matrices of 1024 by 1024, in 10^9 operations a second. */
function productRate(): number {
  const size = 1024;
  const shape = [size, size];
  const matrix = (name: string) => ({ name, dtype: 'float32' as const, shape });
  const graph: Graph = {
    name: 'product',
    inputs: [matrix('a'), matrix('b')],
    initializers: [],
    nodes: [{ name: 'MatMul', op: 'MatMul', inputs: ['a', 'b'], outputs: ['y'], attributes: {}, description: '' }],
    outputs: [matrix('y')],
  };
  const compiled = runtime.compile(graph);
  const data = new Float32Array(size * size).fill(0.5);
  const feeds = [1, 2].map(() => ({ dtype: 'float32' as const, shape, data }));
  const times = Array.from({ length: runs }, () => {
    const begun = performance.now();
    compiled.run(feeds);
    return performance.now() - begun;
  });
  return (2 * size ** 3) / median(times) / 1e6;
}

/** Of forward, weight gradients and image gradients together; the first layer needs no gradient of its image. */
function operationsOf(batch: number): number {
  const layers = [
    { positions: 1024, products: 32 * 75, passes: 2 },
    { positions: 256, products: 32 * 800, passes: 3 },
    { positions: 64, products: 64 * 800, passes: 3 },
  ];
  return layers.reduce((sum, { positions, products, passes }) => sum + 2 * batch * positions * products * passes, 0);
}

async function main(): Promise<void> {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads`);
  const rate = productRate();
  console.log(`a product of two 1024 x 1024 matrices: ${rate.toFixed(0)} GFLOP/s`);
  for (const batch of batches) {
    const graph = iterationGraph(network.replace('batch = 1', `batch = ${batch}`), runtime);
    const rows = await profile(encodeModel(optimizeForCpu(graph, runtime.channelBlock)));
    const sum = rows.reduce((all, [, time]) => all + time, 0);
    const atRate = operationsOf(batch) / rate / 1e6;
    console.log(
      `\nbatch ${batch}: ${sum.toFixed(2)} ms in operators; its convolutions at that rate: ${atRate.toFixed(2)} ms`,
    );
    for (const [op, time] of rows.slice(0, 10)) {
      console.log(
        `${op.padEnd(20)} ${time.toFixed(2).padStart(8)} ms ${((100 * time) / sum).toFixed(0).padStart(4)} %`,
      );
    }
  }
}

/** As the engine's process is: glibc reads the settings when a process starts. */
function inEngineEnvironment(): boolean {
  return Object.entries(allocatorSettings).every(([name, value]) => process.env[name] === value);
}

if (inEngineEnvironment()) void main().finally(() => rmSync(folder, { recursive: true, force: true }));
else {
  rmSync(folder, { recursive: true });
  const env = { ...process.env, ...allocatorSettings };
  process.exitCode = spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit', env }).status ?? 1;
}
