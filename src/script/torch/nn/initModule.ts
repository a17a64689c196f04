import { PythonError } from '../../../common/errors';
import type { FloatArray } from '../../../core/random/distributions';
import type { Generator } from '../../../core/random/generator';
import {
  calculateFans,
  calculateGain,
  initializeConstant,
  initializeDirac,
  initializeEye,
  initializeKaimingNormal,
  initializeKaimingUniform,
  initializeNormal,
  initializeOrthogonal,
  initializeSparse,
  initializeUniform,
  initializeXavierNormal,
  initializeXavierUniform,
  type Initialized,
} from '../../../core/random/initialization';
import { initializeTruncatedNormal } from '../../../core/random/truncatedNormal';
import { dataFromNumbers, dtypeTable, elementCount, isFloating } from '../../../core/tensor/dtype';
import { Tensor } from '../../../core/tensor/tensor';
import { concreteValue } from '../../../core/tensor/value';
import type { Arguments } from '../../objects/arguments';
import { PyTuple } from '../../objects/containers';
import { PyModule, type NativeFunction } from '../../objects/functions';
import type { ModuleRow } from '../../objects/interpreter';
import { nativeFunction } from '../../objects/native';
import { argumentConverters } from '../argumentKinds';
import { PyTensor } from '../tensorClass';
import { torchContext, type TorchContext } from '../torchContext';

type Fill = (target: Initialized, args: Arguments, generator: Generator, context: TorchContext) => void;

interface Initializer {
  /** The parameters after `tensor`. */
  signature: string;
  fill: Fill;
}

function kaiming(args: Arguments) {
  return { a: args.float('a'), mode: args.string('mode'), nonlinearity: args.string('nonlinearity') };
}

const kaimingSignature = "a=0, mode='fan_in', nonlinearity='leaky_relu', generator=None";

/** The in-place fills of torch.nn.init. */
const initializers: Readonly<Record<string, Initializer>> = {
  uniform_: {
    signature: 'a=0.0, b=1.0, generator=None',
    fill: (target, args, generator) => initializeUniform(target, generator, args.float('a'), args.float('b')),
  },
  normal_: {
    signature: 'mean=0.0, std=1.0, generator=None',
    fill: (target, args, generator) => initializeNormal(target, generator, args.float('mean'), args.float('std')),
  },
  trunc_normal_: {
    signature: 'mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None',
    fill: (target, args, generator, context) => {
      const [mean, std, a, b] = (['mean', 'std', 'a', 'b'] as const).map((name) => args.float(name));
      initializeTruncatedNormal(target, generator, { mean: mean!, std: std!, a: a!, b: b! }, (message) =>
        context.warn(message),
      );
    },
  },
  constant_: { signature: 'val', fill: (target, args) => initializeConstant(target, args.float('val')) },
  ones_: { signature: '', fill: (target) => initializeConstant(target, 1) },
  zeros_: { signature: '', fill: (target) => initializeConstant(target, 0) },
  eye_: { signature: '', fill: (target) => initializeEye(target) },
  dirac_: { signature: 'groups=1', fill: (target, args) => initializeDirac(target, args.index('groups')) },
  xavier_uniform_: {
    signature: 'gain=1.0, generator=None',
    fill: (target, args, generator) => initializeXavierUniform(target, generator, args.float('gain')),
  },
  xavier_normal_: {
    signature: 'gain=1.0, generator=None',
    fill: (target, args, generator) => initializeXavierNormal(target, generator, args.float('gain')),
  },
  kaiming_uniform_: {
    signature: kaimingSignature,
    fill: (target, args, generator, context) =>
      initializeKaimingUniform(target, generator, kaiming(args), (message) => context.warn(message)),
  },
  kaiming_normal_: {
    signature: kaimingSignature,
    fill: (target, args, generator, context) =>
      initializeKaimingNormal(target, generator, kaiming(args), (message) => context.warn(message)),
  },
  orthogonal_: {
    signature: 'gain=1, generator=None',
    fill: (target, args, generator) => initializeOrthogonal(target, generator, args.float('gain')),
  },
  sparse_: {
    signature: 'sparsity, std=0.01, generator=None',
    fill: (target, args, generator, context) =>
      initializeSparse(target, generator, context.generator, args.float('sparsity'), args.float('std')),
  },
};

/** Replaces a tensor's elements by what `fill` makes of a copy of them, without a gradient. */
function fillInPlace(tensor: Tensor, fill: (target: Initialized) => void): void {
  const { shape, dtype, tape } = tensor;
  const data = dtypeTable[isFloating(dtype) ? dtype : 'float32'].allocate(elementCount(shape)) as FloatArray;
  fill({ data, shape });
  const stored = isFloating(dtype) ? data : dataFromNumbers(data, dtype);
  tape.withoutGrad(() => tensor.assign(new Tensor(tape, concreteValue(stored, shape, dtype))));
}

function initializer(name: string, { signature, fill }: Initializer): NativeFunction {
  return nativeFunction(name, signature === '' ? 'tensor' : `tensor, ${signature}`, (args, interpreter) => {
    const context = torchContext(interpreter);
    const target = args.value('tensor');
    if (!(target instanceof PyTensor)) {
      throw new PythonError(
        'AttributeError',
        `'${interpreter.classOf(target).name}' object has no attribute 'uniform_'`,
      );
    }
    const given = signature.includes('generator') && !args.isNone('generator') ? args.value('generator') : null;
    const site = { functionName: name, parameter: 'generator', position: null };
    const generator = given === null ? context.generator : argumentConverters.generator(given, site, context);
    fillInPlace(target.tensor, (initialized) => fill(initialized, args, generator, context));
    return target;
  });
}

const gain = nativeFunction('calculate_gain', 'nonlinearity, param=None', (args) =>
  calculateGain(args.string('nonlinearity'), args.isNone('param') ? undefined : args.float('param')),
);

const fans = nativeFunction('_calculate_fan_in_and_fan_out', 'tensor', (args) => {
  const { fanIn, fanOut } = calculateFans(args.object('tensor', PyTensor, 'Tensor').tensor.shape);
  return new PyTuple([BigInt(fanIn), BigInt(fanOut)]);
});

function buildInitModule(): PyModule {
  const functions = Object.entries(initializers).map(([name, row]) => [name, initializer(name, row)] as const);
  const old = ['uniform', 'normal', 'constant', 'xavier_uniform', 'xavier_normal', 'kaiming_uniform', 'kaiming_normal'];
  const table = Object.fromEntries(functions);
  return new PyModule('torch.nn.init', {
    ...table,
    ...Object.fromEntries(old.map((name) => [name, deprecated(name, table[`${name}_`]!)])),
    calculate_gain: gain,
    _calculate_fan_in_and_fan_out: fans,
  });
}

/** A name of before PyTorch 0.4: warns, and does what the new one does. */
function deprecated(name: string, replacement: NativeFunction): NativeFunction {
  return nativeFunction(name, '*args, **kwargs', (args, interpreter) => {
    interpreter.warn(`\`nn.init.${name}\` is now deprecated in favor of \`nn.init.${name}_\`.`, 'FutureWarning');
    return interpreter.call(replacement, args.rest(), args.keywords());
  });
}

export const initModule: ModuleRow = { name: 'torch.nn.init', build: buildInitModule };
