import type { OpName } from '../../src/core/onnx/opTable';

/** An operator and its gradient on CUDA, in all the cases that the CPU is tested with. */
export interface OperatorReport {
  op: OpName;
  cases: number;
  /** The cases of which a node stays on the CPU. */
  onCpu: string[];
  /** The largest one to the CPU's numbers, relative to the largest of them; JSON makes null of infinity. */
  difference: number | null;
  /** The cases that ended with an error. */
  failed: string[];
}
