import type { OpRow } from './opRow';
import { convolutionOps } from './ops/convolution';
import { elementwiseOps } from './ops/elementwise';
import { linearOps } from './ops/linear';
import { reductionOps } from './ops/reduction';
import { structureOps } from './ops/structure';

/**
 * The ONNX ops that Gradstep emits: standard ops with a CUDA and a CPU kernel at opset 18 (onnxruntime,
 * docs/OperatorKernels.md), or with a row in `loweringTable` for where there is none.
 */
export const opTable = {
  ...convolutionOps,
  ...elementwiseOps,
  ...linearOps,
  ...reductionOps,
  ...structureOps,
} satisfies Record<string, OpRow>;

export type OpName = keyof typeof opTable;

export function opRow(op: OpName): OpRow {
  return opTable[op];
}
