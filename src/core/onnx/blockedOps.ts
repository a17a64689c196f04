import type { AttributeKind } from './opRow';

/** The domain of ONNX Runtime's own CPU convolutions over blocks of channels (onnxruntime, core/mlas/lib/snchwc.cpp). */
export const blockedDomain = 'com.microsoft.nchwc';

/** An op of that domain: float32, 2-D, shapes as in ONNX, elements in blocks (see `blockConvolutions`). */
interface BlockedOpRow {
  readonly attributes: Readonly<Record<string, AttributeKind>>;
}

/** The ops of `blockedDomain` that Gradstep emits (onnxruntime, core/graph/contrib_ops/nchwc_schema_defs.cc). */
export const blockedOpTable = {
  Conv: { attributes: { dilations: 'ints', group: 'int', kernel_shape: 'ints', pads: 'ints', strides: 'ints' } },
  /** From (N, C, H, W) into blocks. */
  ReorderInput: { attributes: {} },
  /** Out of blocks. */
  ReorderOutput: { attributes: { channels: 'int' } },
} satisfies Record<string, BlockedOpRow>;

export type BlockedOpName = keyof typeof blockedOpTable;

export function blockedOpRow(op: BlockedOpName): BlockedOpRow {
  return blockedOpTable[op];
}
