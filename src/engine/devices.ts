import { availableParallelism } from 'node:os';
import type { Device } from '../common/engineContract';
import { OrtRuntime } from '../runtime/ortRuntime';

/** More threads than that help none of the operators of small networks. */
const maximumThreads = 4;

/** @param threads 0: as many as help */
export function openRuntime(device: Device, threads: number): OrtRuntime {
  return new OrtRuntime({ device, threads: threads > 0 ? threads : Math.min(maximumThreads, availableParallelism()) });
}
