/** Where graphs run. */
export type Device = 'cpu' | 'cuda';

/** ONNX Runtime's execution providers for a device, in the order of preference. */
export function executionProviders(device: Device): readonly (string | { name: string; deviceId?: number })[] {
  return device === 'cuda' ? [{ name: 'cuda', deviceId: 0 }, 'cpu'] : ['cpu'];
}
