import type { Device } from '../common/engineContract';
import type { OpName } from '../core/onnx/opTable';
import type { DType } from '../core/tensor/dtype';

/**
 * ONNX Runtime's execution providers for a device. The CPU follows every other one by itself, and must not be named where
 * it is to be refused.
 */
export function executionProviders(device: Device): readonly (string | { name: string; deviceId?: number })[] {
  return device === 'cuda' ? [{ name: 'cuda', deviceId: 0 }] : ['cpu'];
}

/** The element types of ops that a device's provider does not have for all of ours (onnxruntime, docs/OperatorKernels.md). */
export const kernelTypes: Readonly<Record<Device, Partial<Record<OpName, readonly DType[]>>>> = {
  cpu: { MaxUnpool: ['float32'], Tan: ['float32'] },
  cuda: { MaxUnpool: [], Tan: [] },
};
