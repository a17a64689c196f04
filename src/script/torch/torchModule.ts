import { PythonError } from '../../common/errors';
import type { PrintOptions } from '../../core/tensor/format';
import { setPrintOptions } from '../../core/tensor/format';
import { functionalOperations } from '../../core/nn/functional/functionalTable';
import { tensorOperations } from '../../core/tensor/operations/tensorOperations';
import { promoteTypes, resultType } from '../../core/tensor/operations/promotion';
import { isFloating, type DType } from '../../core/tensor/dtype';
import type { NativeFunction } from '../objects/functions';
import { PyModule } from '../objects/functions';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
import { addMembers, nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { autocastClass } from './amp';
import { bindOperation } from './bindOperation';
import { deviceClass } from './devices';
import { dtypeClass, dtypeNames, dtypeObject, PyDtype } from './dtypes';
import { factoryFunctions, inPlaceFunction, legacyConstructor, legacyConstructors } from './factories';
import { generatorClass, PyGenerator, restoreState, stateTensor } from './generatorClass';
import { enableGradClass, inferenceModeClass, noGradClass, setGradEnabledClass } from './gradMode';
import { numberLimits } from './numberLimits';
import { sizeClass } from './returnTypes';
import { PyTensor, tensorClass } from './tensorClass';
import './tensorMembers';
import { operandOf } from './tensorOperators';
import { printOptions, storePrintOptions } from './tensorPrinting';
import { torchContext } from './torchContext';

/** The version whose behaviour is followed. */
export const torchVersion = '2.13.0';

addMembers<PyTensor>(tensorClass, {
  staticMethods: {
    __new__: ['cls, *args', (args, interpreter) => interpreter.call(legacyConstructor('Tensor', null), args.rest())],
  },
});

/** Functions of torch.nn.functional that torch has under the same name and with the same arguments. */
const sharedWithFunctional = new Set([
  'adaptive_avg_pool1d',
  'avg_pool1d',
  'celu',
  'conv1d',
  'conv2d',
  'conv_transpose2d',
  'cosine_similarity',
  'group_norm',
  'hardshrink',
  'layer_norm',
  'max_pool1d',
  'max_pool2d',
  'pairwise_distance',
  'prelu',
  'selu',
  'threshold',
]);

/** Accepted and without effect: they choose how PyTorch computes, not what. */
const withoutEffect = [
  'set_num_threads',
  'set_num_interop_threads',
  'use_deterministic_algorithms',
  'set_float32_matmul_precision',
  'set_deterministic_debug_mode',
  'set_flush_denormal',
  'set_default_device',
];

function dtypeArgument(value: PyValue): DType {
  if (value instanceof PyDtype) return value.required();
  throw new PythonError('TypeError', 'invalid dtype object');
}

function seed(interpreter: Interpreter, value: bigint): PyValue {
  const { generator } = torchContext(interpreter);
  generator.manualSeed(value);
  return new PyGenerator(generator);
}

const manualSeed = nativeFunction('manual_seed', 'seed', (args, interpreter) => {
  const value = args.value('seed');
  const number = typeof value === 'number' ? BigInt(Math.trunc(value)) : args.int('seed');
  return seed(interpreter, number);
});

const printOptionNames: Readonly<Record<string, keyof PrintOptions>> = {
  precision: 'precision',
  threshold: 'threshold',
  edgeitems: 'edgeitems',
  linewidth: 'linewidth',
};

const setPrintOptionsFunction = nativeFunction(
  'set_printoptions',
  'precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None',
  (args, interpreter) => {
    const context = torchContext(interpreter);
    const given: Partial<PrintOptions> & { profile?: string } = {};
    for (const [name, option] of Object.entries(printOptionNames)) {
      if (!args.isNone(name)) Object.assign(given, { [option]: args.float(name) });
    }
    if (!args.isNone('profile')) given.profile = args.string('profile');
    if (!args.isNone('sci_mode')) given.sciMode = args.bool('sci_mode');
    storePrintOptions(context, setPrintOptions(printOptions(context), given));
  },
);

const save = nativeFunction('save', 'obj, f, *rest, **options', (_args, interpreter) => {
  interpreter.warn('torch.save is not carried out by Gradstep: nothing is written');
});

const load = nativeFunction('load', 'f, map_location=None, **options', () => {
  throw new PythonError(
    'NotImplementedError',
    'torch.load is not supported by Gradstep: files of PyTorch are not read',
    {
      hint: 'Let the script make its parameters from a seed.',
    },
  );
});

const compile = nativeFunction('compile', 'model=None, **options', (args) => {
  const model = args.value('model');
  return model ?? nativeFunction('compile', 'model', (inner) => inner.value('model'));
});

const functions: Readonly<Record<string, NativeFunction>> = {
  manual_seed: manualSeed,
  seed: nativeFunction('seed', '', (_args, interpreter) => {
    const value = BigInt(Math.floor(interpreter.host.now() * 1e6));
    seed(interpreter, value);
    return value;
  }),
  initial_seed: nativeFunction('initial_seed', '', (_args, interpreter) =>
    torchContext(interpreter).generator.initialSeed(),
  ),
  get_rng_state: nativeFunction('get_rng_state', '', (_args, interpreter) => {
    const { tape, generator } = torchContext(interpreter);
    return stateTensor(tape, generator);
  }),
  set_rng_state: nativeFunction('set_rng_state', 'new_state', (args, interpreter) => {
    restoreState(torchContext(interpreter).generator, args.value('new_state'));
  }),
  is_tensor: nativeFunction('is_tensor', 'obj', (args) => args.value('obj') instanceof PyTensor),
  is_grad_enabled: nativeFunction(
    'is_grad_enabled',
    '',
    (_args, interpreter) => torchContext(interpreter).tape.gradEnabled,
  ),
  is_inference_mode_enabled: nativeFunction('is_inference_mode_enabled', '', () => false),
  get_default_dtype: nativeFunction('get_default_dtype', '', (_args, interpreter) =>
    dtypeObject(torchContext(interpreter).defaultDtype),
  ),
  set_default_dtype: nativeFunction('set_default_dtype', 'd', (args, interpreter) => {
    const dtype = dtypeArgument(args.value('d'));
    if (!isFloating(dtype)) {
      throw new PythonError('TypeError', 'only floating-point types are supported as the default type');
    }
    torchContext(interpreter).defaultDtype = dtype;
  }),
  set_printoptions: setPrintOptionsFunction,
  get_num_threads: nativeFunction('get_num_threads', '', () => 1n),
  are_deterministic_algorithms_enabled: nativeFunction('are_deterministic_algorithms_enabled', '', () => false),
  result_type: nativeFunction('result_type', 'tensor1, tensor2', (args, interpreter) => {
    const operands = ['tensor1', 'tensor2'].map((name) => operandOf(args.value(name)) ?? 0n);
    return dtypeObject(resultType(operands, torchContext(interpreter).defaultDtype));
  }),
  promote_types: nativeFunction('promote_types', 'type1, type2', (args) =>
    dtypeObject(promoteTypes(dtypeArgument(args.value('type1')), dtypeArgument(args.value('type2')))),
  ),
  typename: nativeFunction('typename', 'obj', (args, interpreter) => {
    const pyClass = interpreter.classOf(args.value('obj'));
    return `${pyClass.module}.${pyClass.name}`;
  }),
  save,
  load,
  compile,
};

/** The members of `torch` that come from tables. */
function torchMembers(): Record<string, PyValue> {
  const members: Record<string, PyValue> = {
    __version__: torchVersion,
    Tensor: tensorClass,
    Size: sizeClass,
    Generator: generatorClass,
    device: deviceClass,
    dtype: dtypeClass,
    autocast: autocastClass,
    no_grad: noGradClass,
    enable_grad: enableGradClass,
    inference_mode: inferenceModeClass,
    set_grad_enabled: setGradEnabledClass,
    inf: Infinity,
    nan: NaN,
    pi: Math.PI,
    e: Math.E,
    strided: 'torch.strided',
    preserve_format: 'torch.preserve_format',
    contiguous_format: 'torch.contiguous_format',
    channels_last: 'torch.channels_last',
    ...numberLimits,
    ...dtypeNames,
  };
  for (const row of tensorOperations) {
    if (!row.torchFunction) continue;
    for (const name of [row.name, ...row.aliases]) members[name] = bindOperation(row, { name });
  }
  for (const row of functionalOperations) {
    if (sharedWithFunctional.has(row.name)) members[row.name] = bindOperation(row, { words: 'builtin' });
  }
  for (const name of ['relu', 'sigmoid', 'tanh', 'exp', 'sqrt', 'abs', 'neg', 'floor', 'ceil', 'round']) {
    members[`${name}_`] = inPlaceFunction(name);
  }
  Object.assign(members, legacyConstructors());
  for (const name of withoutEffect) members[name] = nativeFunction(name, '*args, **options', () => null);
  return { ...members, ...factoryFunctions, ...functions };
}

export const torchModule: ModuleRow = {
  name: 'torch',
  build: (interpreter) => {
    const module = new PyModule('torch', torchMembers());
    const { generator } = torchContext(interpreter);
    module.attributes.set('default_generator', new PyGenerator(generator));
    return module;
  },
};
