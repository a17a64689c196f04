import { blockedDomain } from '../core/onnx/blockedOps';
import type { BlockedNode, Graph } from '../core/onnx/graph';

const channels = 32;
const image = { name: 'image', dtype: 'float32', shape: [1, channels, 1, 2] } as const;

/** Puts 32 channels of two positions into blocks. */
export const channelBlockProbe: Graph<BlockedNode> = {
  name: 'channel block',
  inputs: [image],
  outputs: [{ ...image, name: 'blocks' }],
  initializers: [],
  nodes: [
    {
      name: 'ReorderInput',
      op: 'ReorderInput',
      domain: blockedDomain,
      inputs: ['image'],
      outputs: ['blocks'],
      attributes: {},
      description: '',
    },
  ],
};

/** The probe's input: a channel's second position is 1. */
export const channelBlockInput = Float32Array.from({ length: 2 * channels }, (_, i) => i % 2);

/**
 * How many channels of one position lie side by side: as many floats as a vector register of this processor takes.
 * @returns null where blocks are no gain: no vector registers, or none that ONNX Runtime has convolutions for
 */
export function channelBlockOf(blocks: ArrayLike<number>): number | null {
  const block = Array.from(blocks).indexOf(1);
  return block === 8 || block === 16 ? block : null;
}
