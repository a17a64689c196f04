import { PythonError } from '../../common/errors';
import { nativeClass } from '../objects/native';
import { PyObject, type PyClass } from '../objects/value';
import type { TorchContext } from './torchContext';

const knownTypes =
  'cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, hpu, mtia, privateuseone';

/** `torch.device`. */
export const deviceClass: PyClass = nativeClass<PyDevice>({
  name: 'device',
  module: 'torch',
  methods: {
    __repr__: ['', (self) => `device(type='${self.type}'${self.index === null ? '' : `, index=${self.index}`})`],
    __str__: ['', (self) => self.text],
    __eq__: ['other', (self, args) => self.text === (args.value('other') as Partial<PyDevice> | null)?.text],
  },
  properties: {
    type: (self) => self.type,
    index: (self) => (self.index === null ? null : BigInt(self.index)),
  },
  staticMethods: {
    __new__: [
      'cls, device, index=None',
      (args) => {
        const device = args.value('device');
        if (device instanceof PyDevice) return device;
        if (typeof device === 'bigint') return new PyDevice('cuda', Number(device));
        const index = args.optional('index', 'index');
        return parseDevice(index === null ? args.string('device') : `${args.string('device')}:${index}`);
      },
    ],
  },
});

export class PyDevice extends PyObject {
  pyClass = deviceClass;

  constructor(
    readonly type: string,
    readonly index: number | null,
  ) {
    super();
  }

  get text(): string {
    return this.index === null ? this.type : `${this.type}:${this.index}`;
  }

  override hashKey(): string {
    return `\0d${this.text}`;
  }
}

/** @throws PythonError in PyTorch's words */
export function parseDevice(text: string): PyDevice {
  const match = /^([a-z]+)(?::(\d+))?$/.exec(text);
  if (!match || !knownTypes.split(', ').includes(match[1]!)) {
    if (match || !text.includes(':')) {
      throw new PythonError(
        'RuntimeError',
        `Expected one of ${knownTypes} device type at start of device string: ${text.split(':')[0]!}`,
      );
    }
    throw new PythonError('RuntimeError', `Invalid device string: '${text}'`);
  }
  return new PyDevice(match[1]!, match[2] === undefined ? null : Number(match[2]));
}

/**
 * Checks that tensors can be on the device.
 * @throws PythonError as a PyTorch without CUDA raises it
 */
export function checkDevice(device: PyDevice, context: Pick<TorchContext, 'runtimeDevice'>): void {
  if (device.type === 'cpu') return;
  if (device.type === 'cuda') {
    if (context.runtimeDevice === 'cuda') return;
    throw new PythonError('AssertionError', 'Torch not compiled with CUDA enabled');
  }
  if (device.type === 'mps') {
    throw new PythonError('RuntimeError', 'PyTorch is not linked with support for mps devices');
  }
  throw new PythonError('NotImplementedError', `The ${device.type} device is not supported by Gradstep`);
}
