import { availableParallelism } from 'node:os';
import { cudaProblem } from '../runtime/cudaProbe';
import { OrtRuntime } from '../runtime/ortRuntime';

/** More threads than that help none of the operators of small networks. */
const maximumThreads = 4;

interface OpenRuntime {
  runtime: OrtRuntime;
  device: 'cpu' | 'cuda';
  /** What a person should know, such as why CUDA is not used. */
  notices: string[];
}

/** The runtime for a wish: `auto` takes CUDA where it works; a CUDA that doesn't work is said, and the CPU is used. */
export function openRuntime(wanted: 'cpu' | 'cuda' | 'auto', threads: number): OpenRuntime {
  const threadCount = threads > 0 ? threads : Math.min(maximumThreads, availableParallelism());
  if (wanted !== 'cpu') {
    const problem = cudaProblem();
    if (problem === null)
      return { runtime: new OrtRuntime({ device: 'cuda', threads: threadCount }), device: 'cuda', notices: [] };
    const notices = wanted === 'cuda' ? [`CUDA can't be used, so this runs on the CPU: ${problem}`] : [];
    return { runtime: new OrtRuntime({ device: 'cpu', threads: threadCount }), device: 'cpu', notices };
  }
  return { runtime: new OrtRuntime({ device: 'cpu', threads: threadCount }), device: 'cpu', notices: [] };
}
