import type { Device } from '../common/engineContract';

/**
 * ONNX Runtime's execution providers for a device. The CPU follows every other one by itself, and must not be named where
 * it is to be refused.
 */
export function executionProviders(device: Device): readonly (string | { name: string; deviceId?: number })[] {
  return device === 'cuda' ? [{ name: 'cuda', deviceId: 0 }] : ['cpu'];
}
