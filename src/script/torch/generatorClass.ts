import { PythonError } from '../../common/errors';
import { defaultSeed, Generator } from '../../core/random/generator';
import { Tensor } from '../../core/tensor/tensor';
import type { Tape } from '../../core/tensor/tape';
import { nativeClass } from '../objects/native';
import { PyObject, type PyClass, type PyValue } from '../objects/value';
import { PyTensor, wrapTensor } from './tensorClass';
import { torchContext } from './torchContext';
import { PyDevice } from './devices';

/** `torch.Generator`. */
export const generatorClass: PyClass = nativeClass<PyGenerator>({
  name: 'Generator',
  module: 'torch._C',
  methods: {
    manual_seed: [
      'seed',
      (self, args) => {
        self.generator.manualSeed(args.int('seed'));
        return self;
      },
    ],
    initial_seed: ['', (self) => self.generator.initialSeed()],
    seed: [
      '',
      (self, _args, interpreter) => {
        const seed = BigInt(Math.floor(interpreter.host.now() * 1e6));
        self.generator.manualSeed(seed);
        return seed;
      },
    ],
    get_state: ['', (self, _args, interpreter) => stateTensor(torchContext(interpreter).tape, self.generator)],
    set_state: [
      'new_state',
      (self, args) => {
        restoreState(self.generator, args.value('new_state'));
        return self;
      },
    ],
    __repr__: ['', (self) => `<torch._C.Generator object at 0x${self.id.toString(16)}>`],
  },
  properties: { device: () => new PyDevice('cpu', null) },
  staticMethods: { __new__: ["cls, device='cpu'", () => new PyGenerator(new Generator(defaultSeed))] },
});

export class PyGenerator extends PyObject {
  pyClass = generatorClass;

  constructor(readonly generator: Generator) {
    super();
  }
}

/** The generator's state as PyTorch's byte tensor. */
export function stateTensor(tape: Tape, generator: Generator): PyValue {
  const state = generator.getState();
  return wrapTensor(Tensor.fromData(tape, state, [state.length], 'uint8'));
}

/** @throws PythonError when the value is no state */
export function restoreState(generator: Generator, state: PyValue): void {
  if (!(state instanceof PyTensor) || state.tensor.dtype !== 'uint8') {
    throw new PythonError('TypeError', 'RNG state must be a torch.ByteTensor');
  }
  generator.setState(state.tensor.data as Uint8Array);
}
