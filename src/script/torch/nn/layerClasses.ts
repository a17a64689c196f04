import { PythonError } from '../../../common/errors';
import { layerTable } from '../../../core/nn/layers/layerTable';
import type { LayerBase, LayerCall, LayerRow, PlainAttribute } from '../../../core/nn/layers/layerRow';
import type { Parameter } from '../../../core/operation';
import { typeName } from '../../objects/arguments';
import { PyTuple } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyInstance } from '../../objects/value';
import { type PyClass, type PyValue } from '../../objects/value';
import { argumentConverters, integerOf, sequenceItems } from '../argumentKinds';
import { ArgumentBinder } from '../bindOperation';
import { makeParameter, PyTensor, wrapResult, wrapTensor } from '../tensorClass';
import { torchContext, type TorchContext } from '../torchContext';
import { lossClass, moduleClass } from './moduleClass';
import { setModuleAttribute } from './moduleAttributes';
import { buffersOf, initializeModule, registeredTensor, setParameter } from './moduleState';

/** What a native layer's instance keeps in `native`. */
interface LayerState {
  args: Record<string, unknown>;
}

/** Constructor arguments that are no attributes of the layer. */
const hidden = new Set(['device', 'dtype', 'size_average', 'reduce', '_weight', '_freeze']);

function base(name: string, bases: readonly PyClass[], module: string): PyClass {
  return nativeClass<PyInstance>({ name, bases, module: `torch.nn.modules.${module}` });
}

const normBase = base('_NormBase', [moduleClass], 'batchnorm');

/** The classes that layers derive from, by PyTorch's names. */
const baseClasses = {
  Module: moduleClass,
  _ConvNd: base('_ConvNd', [moduleClass], 'conv'),
  _MaxPoolNd: base('_MaxPoolNd', [moduleClass], 'pooling'),
  _AvgPoolNd: base('_AvgPoolNd', [moduleClass], 'pooling'),
  _AdaptiveAvgPoolNd: base('_AdaptiveAvgPoolNd', [moduleClass], 'pooling'),
  _AdaptiveMaxPoolNd: base('_AdaptiveMaxPoolNd', [moduleClass], 'pooling'),
  _BatchNorm: base('_BatchNorm', [normBase], 'batchnorm'),
  _InstanceNorm: base('_InstanceNorm', [normBase], 'instancenorm'),
  _DropoutNd: base('_DropoutNd', [moduleClass], 'dropout'),
  _Loss: lossClass,
  _WeightedLoss: base('_WeightedLoss', [lossClass], 'loss'),
} as const satisfies Partial<Record<LayerBase, PyClass>>;

/** Where PyTorch defines what derives from these, for `type(layer)`; activations are the rest. */
const moduleOfBase: Readonly<Partial<Record<LayerBase, string>>> = {
  _ConvNd: 'conv',
  _MaxPoolNd: 'pooling',
  _AvgPoolNd: 'pooling',
  _AdaptiveAvgPoolNd: 'pooling',
  _AdaptiveMaxPoolNd: 'pooling',
  _BatchNorm: 'batchnorm',
  _InstanceNorm: 'instancenorm',
  _DropoutNd: 'dropout',
  _Loss: 'loss',
  _WeightedLoss: 'loss',
};

const moduleOfLayer: Readonly<Record<string, string>> = {
  Linear: 'linear',
  Flatten: 'flatten',
  Unflatten: 'flatten',
  Embedding: 'sparse',
  LayerNorm: 'normalization',
  GroupNorm: 'normalization',
  ZeroPad2d: 'padding',
  ConstantPad2d: 'padding',
  ReflectionPad2d: 'padding',
  ReplicationPad2d: 'padding',
  CircularPad2d: 'padding',
  Upsample: 'upsampling',
  CosineSimilarity: 'distance',
  PairwiseDistance: 'distance',
};

/** Functions whose names don't follow from the layer's. */
const irregular: Readonly<Record<string, string>> = {
  BCELoss: 'binary_cross_entropy',
  BCEWithLogitsLoss: 'binary_cross_entropy_with_logits',
  BatchNorm1d: 'batch_norm',
  BatchNorm2d: 'batch_norm',
  ConvTranspose2d: 'conv_transpose2d',
  CrossEntropyLoss: 'cross_entropy',
  InstanceNorm2d: 'instance_norm',
  KLDivLoss: 'kl_div',
  MSELoss: 'mse_loss',
  NLLLoss: 'nll_loss',
  Upsample: 'interpolate',
};

/** Functions that PyTorch's argument parser knows by another name. */
const parserNames: Readonly<Record<string, string>> = { cross_entropy: 'cross_entropy_loss' };

/** PyTorch's word for what a layer does: `max_pool2d` for MaxPool2d. */
function operationName(layerName: string): string {
  return (
    irregular[layerName] ??
    layerName
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .replace(/^([A-Z]+)LU/, '$1lu')
      .toLowerCase()
  );
}

function pythonValue(value: PlainAttribute): PyValue {
  if (typeof value === 'number') return BigInt(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  return new PyTuple(value.map((size) => BigInt(size)));
}

/** What Python shows for a parameter's default. */
function defaultAttribute({ kind, defaultValue }: Parameter<unknown>): PyValue {
  if (kind === 'int') return defaultValue === null ? null : BigInt(defaultValue as number);
  if (Array.isArray(defaultValue)) return BigInt(defaultValue[0] as number);
  return defaultValue as PyValue;
}

function layerClass(row: LayerRow, bases: ReadonlyMap<string, PyClass>): PyClass {
  const operation = operationName(row.name);
  const binder = new ArgumentBinder(
    {
      name: `${row.name}.__init__`,
      parameters: { self: { kind: 'any', required: true, keywordOnly: false, defaultValue: null }, ...row.parameters },
      run: () => null,
    },
    { words: 'python' },
  );
  const inputSignature = row.inputs.join(', ');
  const created: PyClass = nativeClass<PyInstance>({
    name: row.name,
    module: `torch.nn.modules.${moduleOfLayer[row.name] ?? moduleOfBase[row.base] ?? 'activation'}`,
    bases: [bases.get(row.base)!],
    methods: {
      __init__: [
        '*args, **kwargs',
        (self, args, interpreter) => construct(row, binder, self, args.rest(), args.keywords(), interpreter),
      ],
      __setattr__: [
        'name, value',
        (self, args, interpreter) => {
          const name = args.string('name');
          const value = args.value('value');
          followAttribute(row, self, name, value, torchContext(interpreter));
          setModuleAttribute(self, name, value, moduleClass, interpreter);
        },
      ],
      forward: [
        inputSignature,
        (self, args, interpreter) => {
          const context = torchContext(interpreter);
          const inputs = row.inputs.map((name, i) =>
            argumentConverters.tensor(
              args.value(name),
              { functionName: parserNames[operation] ?? operation, parameter: name, position: i + 1 },
              context,
            ),
          );
          const call: LayerCall<never> = {
            args: stateOf(self).args as never,
            training: self.attributes.get('training') === true,
            context,
            tensor: (name) => registeredTensor(self, name),
          };
          return wrapResult(context.tape.inOperation(operation, () => row.forward(call, inputs)));
        },
      ],
      ...(row.tensors ? { reset_parameters: ['', resetParameters] } : {}),
      ...(row.extraRepr ? { extra_repr: ['', (self, _args, interpreter) => extraRepr(row, self, interpreter)] } : {}),
    },
  });
  return created;

  function resetParameters(self: PyInstance, _args: unknown, interpreter: Interpreter): void {
    const context = torchContext(interpreter);
    const fresh = row.tensors!(stateOf(self).args as never, context);
    for (const [name, tensor] of Object.entries({ ...fresh.parameters, ...fresh.buffers })) {
      if (tensor) registeredTensor(self, name)?.overwrite(tensor.value);
    }
  }
}

function stateOf(self: PyInstance): LayerState {
  return self.native as LayerState;
}

/** @throws PythonError as `torch.empty` does for a size that is no int, such as the float of a division */
function checkSizes(sizes: readonly PyValue[]): void {
  const entries = sizes.flatMap((size) => sequenceItems(size) ?? [size]);
  const wrong = entries.findIndex((entry) => integerOf(entry) === null);
  if (wrong < 0) return;
  const type = typeName(entries[wrong]!);
  const words =
    entries.length === 1
      ? ` (position 1) must be tuple of ints, not ${type}`
      : wrong === 0
        ? ` (position 1) must be tuple of ints, but found element of type ${type} at pos 0`
        : ` failed to unpack the object at pos ${wrong + 1} with error "type must be tuple of ints,but got ${type}"`;
  throw new PythonError('TypeError', `empty(): argument 'size'${words}`);
}

function construct(
  row: LayerRow,
  binder: ArgumentBinder,
  self: PyInstance,
  args: readonly PyValue[],
  keywords: ReadonlyMap<string, PyValue>,
  interpreter: Interpreter,
): void {
  const context = torchContext(interpreter);
  const raw = binder.signature.bind(`${row.name}.__init__`, [self, ...args], keywords).slice(1);
  const given = new Map(Object.keys(row.parameters).map((name, i) => [name, raw[i] as PyValue]));
  checkSizes((row.sizes ?? []).map((name) => given.get(name) ?? null));
  const converted = binder.bind([self, ...args], keywords, context) as Record<string, unknown>;
  self.native = { args: converted } satisfies LayerState;
  initializeModule(self, interpreter);
  const tensors = row.tensors?.(converted as never, context) ?? {};
  const registered = new Set([...Object.keys(tensors.parameters ?? {}), ...Object.keys(tensors.buffers ?? {})]);
  Object.entries(row.parameters).forEach(([name, parameter], i) => {
    if (hidden.has(name) || registered.has(name)) return;
    const given = raw[i];
    self.attributes.set(name, given === undefined ? defaultAttribute(parameter) : given);
  });
  const own = row.attributes?.(converted as never) ?? {};
  for (const [name, value] of Object.entries(own)) {
    self.attributes.set(name, pythonValue(value));
    if (name in converted && !Array.isArray(value)) converted[name] = value;
  }
  if (self.attributes.has('stride') && self.attributes.get('stride') === null) {
    self.attributes.set('stride', self.attributes.get('kernel_size') ?? null);
  }
  const frozen = converted['_freeze'] === true;
  for (const [name, tensor] of Object.entries(tensors.parameters ?? {})) {
    setParameter(self, name, tensor && wrapTensor(makeParameter(tensor, !frozen)));
  }
  for (const [name, tensor] of Object.entries(tensors.buffers ?? {})) {
    buffersOf(self)!.set(name, tensor && wrapTensor(tensor));
  }
}

/** Keeps the layer's arguments in step with an attribute that the script sets: `layer.p = 0.2`. */
function followAttribute(row: LayerRow, self: PyInstance, name: string, value: PyValue, context: TorchContext): void {
  const parameter = row.parameters[name];
  if (!parameter || !self.native || value instanceof PyTensor) return;
  if (registeredTensor(self, name) !== null) return;
  const site = { functionName: row.name, parameter: name, position: null };
  stateOf(self).args[name] = value === null ? null : argumentConverters[parameter.kind](value, site, context);
}

function extraRepr(row: LayerRow, self: PyInstance, interpreter: Interpreter): string {
  const attribute = (name: string): PyValue => self.attributes.get(name) ?? null;
  return row.extraRepr!({
    args: stateOf(self).args as never,
    text: (name) => interpreter.str(attribute(name)),
    repr: (name) => interpreter.repr(attribute(name)),
    has: (name) => registeredTensor(self, name) !== null,
  });
}

function buildClasses(): Map<string, PyClass> {
  const classes = new Map<string, PyClass>(Object.entries(baseClasses));
  for (const row of layerTable) classes.set(row.name, layerClass(row, classes));
  return classes;
}

/** The classes of torch.nn that come from the layer table, and their bases. */
export const layerClasses: ReadonlyMap<string, PyClass> = buildClasses();
