import { PythonError } from '../../../common/errors';
import type { Generator as TorchGenerator } from '../../../core/random/generator';
import { createSamplerGenerator, drawIntegers, drawPermutation } from '../../../core/random/integers';
import { drawMultinomial } from '../../../core/random/multinomial';
import { numbersFromData } from '../../../core/tensor/dtype';
import { Tensor } from '../../../core/tensor/tensor';
import { typeName } from '../../objects/arguments';
import { PyList } from '../../objects/containers';
import { PyIterator } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import { PyGenerator } from '../generatorClass';
import { PyTensor, wrapTensor } from '../tensorClass';
import { torchContext } from '../torchContext';
import { attribute } from './datasetClasses';

const moduleName = 'torch.utils.data.sampler';

/** The generator that `generator=` names; torch's default one for None. */
export function generatorOf(value: PyValue, interpreter: Interpreter): TorchGenerator {
  if (value === null) return torchContext(interpreter).generator;
  if (value instanceof PyGenerator) return value.generator;
  throw new PythonError('TypeError', `generator must be torch.Generator, not ${typeName(value)}`);
}

/** `torch.utils.data.Sampler`. */
export const samplerClass: PyClass = nativeClass<PyInstance>({
  name: 'Sampler',
  module: moduleName,
  methods: {
    __init__: ['data_source=None', () => null],
    __iter__: [
      '',
      () => {
        throw new PythonError('NotImplementedError', '');
      },
    ],
  },
  classMethods: { __class_getitem__: ['cls, item', (args) => args.value('cls')] },
});

function* counting(length: number): Generator<PyValue> {
  for (let index = 0n; index < length; index++) yield index;
}

/** `torch.utils.data.SequentialSampler`. */
export const sequentialSamplerClass: PyClass = nativeClass<PyInstance>({
  name: 'SequentialSampler',
  module: moduleName,
  bases: [samplerClass],
  methods: {
    __init__: [
      'data_source',
      (self, args) => {
        self.attributes.set('data_source', args.value('data_source'));
      },
    ],
    __iter__: [
      '',
      (self, _args, interpreter) =>
        new PyIterator(counting(interpreter.length(attribute(self, 'data_source'))), 'range_iterator'),
    ],
    __len__: ['', (self, _args, interpreter) => BigInt(interpreter.length(attribute(self, 'data_source')))],
  },
});

function sampleCount(self: PyInstance, interpreter: Interpreter): PyValue {
  const asked = attribute(self, '_num_samples');
  return asked === null ? BigInt(interpreter.length(attribute(self, 'data_source'))) : asked;
}

/** How many indices a draw with replacement makes at a time (torch/utils/data/sampler.py). */
const drawnTogether = 32;

function* randomOrder(self: PyInstance, interpreter: Interpreter): Generator<PyValue> {
  const length = interpreter.length(attribute(self, 'data_source'));
  const count = Number(sampleCount(self, interpreter));
  const given = attribute(self, 'generator');
  const generator =
    given === null ? createSamplerGenerator(torchContext(interpreter).generator) : generatorOf(given, interpreter);
  if (attribute(self, 'replacement') === true) {
    for (let rest = count; rest >= 0; rest -= drawnTogether) {
      yield* drawIntegers(Math.min(rest, drawnTogether), generator, 0n, BigInt(length));
    }
    return;
  }
  for (let rest = count; rest >= 0; rest -= length) {
    yield* drawPermutation(length, generator).subarray(0, Math.min(rest, length));
  }
}

/** `torch.utils.data.RandomSampler`. */
export const randomSamplerClass: PyClass = nativeClass<PyInstance>({
  name: 'RandomSampler',
  module: moduleName,
  bases: [samplerClass],
  methods: {
    __init__: [
      'data_source, replacement=False, num_samples=None, generator=None',
      (self, args, interpreter) => {
        const replacement = args.value('replacement');
        self.attributes.set('data_source', args.value('data_source'));
        self.attributes.set('replacement', replacement);
        self.attributes.set('_num_samples', args.value('num_samples'));
        self.attributes.set('generator', args.value('generator'));
        if (typeof replacement !== 'boolean') {
          const shown = interpreter.str(replacement);
          throw new PythonError('TypeError', `replacement should be a boolean value, but got replacement=${shown}`);
        }
        const count = sampleCount(self, interpreter);
        if (typeof count !== 'bigint' || count <= 0n) {
          throw new PythonError(
            'ValueError',
            `num_samples should be a positive integer value, but got num_samples=${interpreter.str(count)}`,
          );
        }
      },
    ],
    __iter__: ['', (self, _args, interpreter) => new PyIterator(randomOrder(self, interpreter), 'generator')],
    __len__: ['', (self, _args, interpreter) => sampleCount(self, interpreter)],
  },
  properties: { num_samples: (self, interpreter) => sampleCount(self, interpreter) },
});

function* shuffled(self: PyInstance, interpreter: Interpreter): Generator<PyValue> {
  const indices = attribute(self, 'indices');
  const generator = generatorOf(attribute(self, 'generator'), interpreter);
  for (const position of drawPermutation(interpreter.length(indices), generator)) {
    yield interpreter.getItem(indices, position);
  }
}

/** `torch.utils.data.SubsetRandomSampler`. */
export const subsetRandomSamplerClass: PyClass = nativeClass<PyInstance>({
  name: 'SubsetRandomSampler',
  module: moduleName,
  bases: [samplerClass],
  methods: {
    __init__: [
      'indices, generator=None',
      (self, args) => {
        self.attributes.set('indices', args.value('indices'));
        self.attributes.set('generator', args.value('generator'));
      },
    ],
    __iter__: ['', (self, _args, interpreter) => new PyIterator(shuffled(self, interpreter), 'generator')],
    __len__: ['', (self, _args, interpreter) => BigInt(interpreter.length(attribute(self, 'indices')))],
  },
});

/** The weights as `torch.as_tensor(weights, dtype=torch.double)`. */
function weightTensor(weights: PyValue, interpreter: Interpreter): Tensor {
  const { tape } = torchContext(interpreter);
  if (weights instanceof PyTensor) {
    const data = Float64Array.from(numbersFromData(weights.tensor.data));
    return Tensor.fromData(tape, data, weights.tensor.shape, 'float64');
  }
  const items = interpreter.list(weights);
  const data = Float64Array.from(items, (item) => Number(item instanceof PyTensor ? item.tensor.data[0] : item));
  return Tensor.fromData(tape, data, [data.length], 'float64');
}

function* weighted(self: PyInstance, interpreter: Interpreter): Generator<PyValue> {
  const { tensor } = attribute(self, 'weights') as PyTensor;
  const count = Number(attribute(self, 'num_samples'));
  const generator = generatorOf(attribute(self, 'generator'), interpreter);
  const weights = tensor.data as Float64Array;
  yield* drawMultinomial(weights, weights.length, count, attribute(self, 'replacement') === true, generator);
}

/** `torch.utils.data.WeightedRandomSampler`. */
export const weightedRandomSamplerClass: PyClass = nativeClass<PyInstance>({
  name: 'WeightedRandomSampler',
  module: moduleName,
  bases: [samplerClass],
  methods: {
    __init__: [
      'weights, num_samples, replacement=True, generator=None',
      (self, args, interpreter) => {
        const [count, replacement] = [args.value('num_samples'), args.value('replacement')];
        requirePositive('num_samples', count, interpreter);
        requireBoolean('replacement', replacement, interpreter);
        const weights = weightTensor(args.value('weights'), interpreter);
        if (weights.shape.length !== 1) {
          throw new PythonError(
            'ValueError',
            `weights should be a 1d sequence but given weights have shape (${weights.shape.join(', ')})`,
          );
        }
        self.attributes.set('weights', wrapTensor(weights));
        self.attributes.set('num_samples', count);
        self.attributes.set('replacement', replacement);
        self.attributes.set('generator', args.value('generator'));
      },
    ],
    __iter__: ['', (self, _args, interpreter) => new PyIterator(weighted(self, interpreter), 'generator')],
    __len__: ['', (self) => attribute(self, 'num_samples')],
  },
});

function requirePositive(name: string, value: PyValue, interpreter: Interpreter): void {
  if (typeof value === 'bigint' && value > 0n) return;
  const shown = interpreter.str(value);
  throw new PythonError('ValueError', `${name} should be a positive integer value, but got ${name}=${shown}`);
}

function requireBoolean(name: string, value: PyValue, interpreter: Interpreter): void {
  if (typeof value === 'boolean') return;
  const shown = interpreter.str(value);
  throw new PythonError('ValueError', `${name} should be a boolean value, but got ${name}=${shown}`);
}

function* batches(self: PyInstance, interpreter: Interpreter): Generator<PyValue> {
  const iterator = interpreter.iterate(attribute(self, 'sampler'));
  const size = Number(attribute(self, 'batch_size'));
  const dropLast = attribute(self, 'drop_last') === true;
  for (;;) {
    const batch: PyValue[] = [];
    while (batch.length < size) {
      const step = iterator.next();
      if (step.done === true) break;
      batch.push(step.value);
    }
    if (batch.length === 0 || (dropLast && batch.length < size)) return;
    yield new PyList(batch);
  }
}

/** `torch.utils.data.BatchSampler`. */
export const batchSamplerClass: PyClass = nativeClass<PyInstance>({
  name: 'BatchSampler',
  module: moduleName,
  bases: [samplerClass],
  methods: {
    __init__: [
      'sampler, batch_size, drop_last',
      (self, args, interpreter) => {
        const [size, dropLast] = [args.value('batch_size'), args.value('drop_last')];
        requirePositive('batch_size', size, interpreter);
        requireBoolean('drop_last', dropLast, interpreter);
        self.attributes.set('sampler', args.value('sampler'));
        self.attributes.set('batch_size', size);
        self.attributes.set('drop_last', dropLast);
      },
    ],
    __iter__: ['', (self, _args, interpreter) => new PyIterator(batches(self, interpreter), 'generator')],
    __len__: [
      '',
      (self, _args, interpreter) => {
        const length = interpreter.length(attribute(self, 'sampler'));
        const size = Number(attribute(self, 'batch_size'));
        const whole = attribute(self, 'drop_last') === true ? Math.floor(length / size) : Math.ceil(length / size);
        return BigInt(whole);
      },
    ],
  },
});
