import { PythonError } from '../../common/errors';
import { Generator } from '../../core/random/generator';
import { elementCount } from '../../core/tensor/dtype';
import type { Arguments } from '../objects/arguments';
import { PyModule } from '../objects/functions';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
import { nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { sequenceItems } from '../torch/argumentKinds';
import { makeArray, result, valuesOf } from './values';
import { NdArray } from '../torch/ndArray';

/**
 * NumPy's legacy random numbers (`numpy.random.seed` and the functions beside it): MT19937 as in PyTorch, drawn as in
 * numpy/random/src/legacy and mtrand.pyx.
 */
class RandomState {
  private generator = new Generator(0);
  private kept: number | null = null;

  seed(seed: bigint): void {
    if (seed < 0n || seed >= 1n << 32n) {
      throw new PythonError('ValueError', 'Seed must be between 0 and 2**32 - 1');
    }
    this.generator = new Generator(seed);
    this.kept = null;
  }

  /** A float64 in [0, 1). */
  uniform(): number {
    const high = this.generator.random32() >>> 5;
    return (high * 67108864 + (this.generator.random32() >>> 6)) / 9007199254740992;
  }

  /** A normal sample by the polar method; the second of each pair is kept. */
  normal(): number {
    if (this.kept !== null) {
      const kept = this.kept;
      this.kept = null;
      return kept;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.kept = factor * x;
      return factor * y;
    }
  }

  /** An integer from 0 to `most`, by drawing until it fits under a mask. */
  upTo(most: number): number {
    if (most === 0) return 0;
    const mask = 2 ** Math.ceil(Math.log2(most + 1)) - 1;
    for (;;) {
      const drawn = (this.generator.random32() & mask) >>> 0;
      if (drawn <= most) return drawn;
    }
  }

  /** The numbers from 0 to `length` - 1 in random order. */
  permutation(length: number): number[] {
    const order = Array.from({ length }, (_, i) => i);
    this.shuffle(length, (i, j) => {
      [order[i], order[j]] = [order[j]!, order[i]!];
    });
    return order;
  }

  shuffle(length: number, swap: (i: number, j: number) => void): void {
    for (let i = length - 1; i > 0; i--) swap(i, this.upTo(i));
  }
}

function sizeOf(value: PyValue): number[] {
  return (value === null ? [] : (sequenceItems(value) ?? [value])).map(Number);
}

function floats(shape: readonly number[], draw: () => number, interpreter: Interpreter): PyValue {
  const numbers = Array.from({ length: elementCount(shape) }, draw);
  return result({ numbers, shape, dtype: 'float64' }, interpreter);
}

function drawIntegers(state: RandomState, args: Arguments, interpreter: Interpreter): PyValue {
  const [first, second] = [args.index('low'), args.optional('high', 'index')];
  const [low, high] = second === null ? [0, first] : [first, second];
  if (low >= high) throw new PythonError('ValueError', 'low >= high');
  const shape = sizeOf(args.value('size'));
  const numbers = Array.from({ length: elementCount(shape) }, () => low + state.upTo(high - 1 - low));
  return result({ numbers, shape, dtype: 'int64' }, interpreter);
}

function choose(state: RandomState, args: Arguments, interpreter: Interpreter): PyValue {
  if (!args.isNone('p')) {
    throw new PythonError('NotImplementedError', 'numpy.random.choice with p is not supported by Gradstep');
  }
  const from = args.value('a');
  const population = typeof from === 'bigint' ? null : valuesOf(from, interpreter);
  const count = population?.numbers.length ?? Number(from);
  const shape = sizeOf(args.value('size'));
  const wanted = elementCount(shape);
  if (!args.bool('replace') && wanted > count) {
    throw new PythonError('ValueError', "Cannot take a larger sample than population when 'replace=False'");
  }
  const places = args.bool('replace')
    ? Array.from({ length: wanted }, () => state.upTo(count - 1))
    : state.permutation(count).slice(0, wanted);
  const numbers = population === null ? places : places.map((place) => population.numbers[place]!);
  return result({ numbers, shape, dtype: population?.dtype ?? 'int64' }, interpreter);
}

function shuffleInPlace(state: RandomState, value: PyValue, interpreter: Interpreter): void {
  state.shuffle(interpreter.length(value), (i, j) => {
    const copy = (at: number): PyValue => {
      const item = interpreter.getItem(value, BigInt(at));
      return item instanceof NdArray ? makeArray(valuesOf(item), interpreter) : item;
    };
    const [left, right] = [copy(i), copy(j)];
    interpreter.setItem(value, BigInt(i), right);
    interpreter.setItem(value, BigInt(j), left);
  });
}

function members(state: RandomState): Record<string, PyValue> {
  const uniform = () => state.uniform();
  return {
    seed: nativeFunction('seed', 'seed=None', (args) => {
      state.seed(args.optional('seed', 'int') ?? 0n);
    }),
    rand: nativeFunction('rand', '*size', (args, interpreter) => floats(args.rest().map(Number), uniform, interpreter)),
    random: nativeFunction('random', 'size=None', (args, interpreter) =>
      floats(sizeOf(args.value('size')), uniform, interpreter),
    ),
    random_sample: nativeFunction('random_sample', 'size=None', (args, interpreter) =>
      floats(sizeOf(args.value('size')), uniform, interpreter),
    ),
    randn: nativeFunction('randn', '*size', (args, interpreter) =>
      floats(args.rest().map(Number), () => state.normal(), interpreter),
    ),
    uniform: nativeFunction('uniform', 'low=0.0, high=1.0, size=None', (args, interpreter) => {
      const [low, high] = [args.float('low'), args.float('high')];
      return floats(sizeOf(args.value('size')), () => low + (high - low) * state.uniform(), interpreter);
    }),
    normal: nativeFunction('normal', 'loc=0.0, scale=1.0, size=None', (args, interpreter) => {
      const [center, scale] = [args.float('loc'), args.float('scale')];
      return floats(sizeOf(args.value('size')), () => center + scale * state.normal(), interpreter);
    }),
    randint: nativeFunction('randint', 'low, high=None, size=None, dtype=None', (args, interpreter) =>
      drawIntegers(state, args, interpreter),
    ),
    choice: nativeFunction('choice', 'a, size=None, replace=True, p=None', (args, interpreter) =>
      choose(state, args, interpreter),
    ),
    permutation: nativeFunction('permutation', 'x', (args, interpreter) => {
      const from = args.value('x');
      if (typeof from === 'bigint') {
        const numbers = state.permutation(Number(from));
        return makeArray({ numbers, shape: [numbers.length], dtype: 'int64' }, interpreter);
      }
      const copy = makeArray(valuesOf(from, interpreter), interpreter);
      shuffleInPlace(state, copy, interpreter);
      return copy;
    }),
    shuffle: nativeFunction('shuffle', 'x', (args, interpreter) => {
      shuffleInPlace(state, args.value('x'), interpreter);
    }),
  };
}

/** `numpy.random`: the legacy functions; unseeded, they begin as if seeded with 0. */
export const numpyRandomModule: ModuleRow = {
  name: 'numpy.random',
  build: () => {
    const state = new RandomState();
    state.seed(0n);
    return new PyModule('numpy.random', members(state));
  },
};
