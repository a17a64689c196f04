import { PythonError } from '../../common/errors';
import { preciseLog } from '../../common/preciseMath';
import type { Arguments } from '../objects/arguments';
import { PyList, PyTuple, PyBytes } from '../objects/containers';
import { PyModule } from '../objects/functions';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
import { nativeClass } from '../objects/native';
import type { PyValue } from '../objects/value';
import type { PyInstance } from '../objects/value';
import { MersenneTwister } from './mersenneTwister';
import type { FunctionRows } from './moduleOf';
import { functionsOf } from './moduleOf';

/** `random.Random`'s methods over one generator. */
class RandomSource {
  readonly twister: MersenneTwister;
  private nextGauss: number | null = null;

  constructor(seed: bigint) {
    this.twister = new MersenneTwister(seed);
  }

  seed(value: PyValue, interpreter: Interpreter): void {
    this.nextGauss = null;
    if (value === null) this.twister.seed(BigInt(Math.floor(interpreter.host.now() * 1e6)));
    else if (typeof value === 'bigint') this.twister.seed(value);
    else if (typeof value === 'boolean') this.twister.seed(value ? 1n : 0n);
    else if (typeof value === 'string' || value instanceof PyBytes) {
      throw new PythonError('TypeError', 'random.seed() of a str or bytes is not supported: give an int');
    } else if (typeof value === 'number') {
      throw new PythonError('TypeError', 'random.seed() of a float is not supported: give an int');
    } else {
      throw new PythonError(
        'TypeError',
        'The only supported seed types are: None,\nint, float, str, bytes, and bytearray.',
      );
    }
  }

  gauss(mean: number, deviation: number): number {
    let z = this.nextGauss;
    this.nextGauss = null;
    if (z === null) {
      const angle = this.twister.random() * 2 * Math.PI;
      const radius = Math.sqrt(-2 * preciseLog(1 - this.twister.random()));
      z = Math.cos(angle) * radius;
      this.nextGauss = Math.sin(angle) * radius;
    }
    return mean + z * deviation;
  }

  normal(mean: number, deviation: number): number {
    const magic = (4 * Math.exp(-0.5)) / Math.SQRT2;
    for (;;) {
      const u1 = this.twister.random();
      const u2 = 1 - this.twister.random();
      const z = (magic * (u1 - 0.5)) / u2;
      if ((z * z) / 4 <= -Math.log(u2)) return mean + z * deviation;
    }
  }

  range(start: bigint, stop: bigint | null, step: bigint): bigint {
    const [from, to] = stop === null ? [0n, start] : [start, stop];
    const width = to - from;
    const count = step > 0n ? (width + step - 1n) / step : step < 0n ? (width + step + 1n) / step : 0n;
    if (step === 0n) throw new PythonError('ValueError', 'zero step for randrange()');
    if (count <= 0n || (step === 1n && width <= 0n)) {
      const text =
        stop === null
          ? 'empty range for randrange()'
          : `empty range for randrange() (${from}, ${to}, ${step === 1n ? width : step})`;
      throw new PythonError('ValueError', text);
    }
    return from + step * this.twister.below(count);
  }

  shuffle(items: PyValue[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = Number(this.twister.below(BigInt(i + 1)));
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
  }

  sample(population: readonly PyValue[], k: number): PyValue[] {
    const n = population.length;
    if (k < 0 || k > n) throw new PythonError('ValueError', 'Sample larger than population or is negative');
    const setSize = 21 + (k > 5 ? 4 ** Math.ceil(Math.log(k * 3) / Math.log(4)) : 0);
    const result: PyValue[] = [];
    if (n <= setSize) {
      const pool = [...population];
      for (let i = 0; i < k; i++) {
        const j = Number(this.twister.below(BigInt(n - i)));
        result.push(pool[j]!);
        pool[j] = pool[n - i - 1]!;
      }
      return result;
    }
    const taken = new Set<number>();
    for (let i = 0; i < k; i++) {
      let j = Number(this.twister.below(BigInt(n)));
      while (taken.has(j)) j = Number(this.twister.below(BigInt(n)));
      taken.add(j);
      result.push(population[j]!);
    }
    return result;
  }

  choices(args: Arguments, interpreter: Interpreter): PyValue {
    const population = interpreter.list(args.value('population'));
    const k = args.index('k');
    const weights = args.isNone('weights') ? null : interpreter.list(args.value('weights')).map(Number);
    let cumulative = args.isNone('cum_weights') ? null : interpreter.list(args.value('cum_weights')).map(Number);
    if (weights !== null) {
      let total = 0;
      cumulative = weights.map((weight) => (total += weight));
    }
    const draw = (): PyValue => {
      if (cumulative === null) return population[Math.floor(this.twister.random() * population.length)]!;
      const target = this.twister.random() * cumulative[cumulative.length - 1]!;
      const found = cumulative.findIndex((bound) => bound > target);
      return population[found < 0 ? population.length - 1 : found]!;
    };
    return new PyList(Array.from({ length: k }, draw));
  }

  rows(): FunctionRows {
    const { twister } = this;
    return {
      seed: ['a=None, version=2', (args, interpreter) => this.seed(args.value('a'), interpreter)],
      random: ['', () => twister.random()],
      uniform: ['a, b', (args) => args.float('a') + (args.float('b') - args.float('a')) * twister.random()],
      randint: ['a, b', (args) => this.range(args.int('a'), args.int('b') + 1n, 1n)],
      randrange: [
        'start, stop=None, step=1',
        (args) => this.range(args.int('start'), args.isNone('stop') ? null : args.int('stop'), args.int('step')),
      ],
      getrandbits: ['k, /', (args) => twister.bits(args.index('k'))],
      choice: [
        'seq',
        (args, interpreter) => {
          const length = interpreter.length(args.value('seq'));
          if (length === 0) throw new PythonError('IndexError', 'Cannot choose from an empty sequence');
          return interpreter.getItem(args.value('seq'), twister.below(BigInt(length)));
        },
      ],
      choices: [
        'population, weights=None, *, cum_weights=None, k=1',
        (args, interpreter) => this.choices(args, interpreter),
      ],
      shuffle: [
        'x',
        (args, interpreter) => {
          const target = args.value('x');
          if (target instanceof PyList) this.shuffle(target.items);
          else {
            const items = interpreter.list(target);
            this.shuffle(items);
            items.forEach((item, index) => interpreter.setItem(target, BigInt(index), item));
          }
        },
      ],
      sample: [
        'population, k',
        (args, interpreter) => new PyList(this.sample(interpreter.list(args.value('population')), args.index('k'))),
      ],
      gauss: ['mu=0.0, sigma=1.0', (args) => this.gauss(args.float('mu'), args.float('sigma'))],
      normalvariate: ['mu=0.0, sigma=1.0', (args) => this.normal(args.float('mu'), args.float('sigma'))],
      expovariate: ['lambd=1.0', (args) => -preciseLog(1 - twister.random()) / args.float('lambd')],
      triangular: [
        'low=0.0, high=1.0, mode=None',
        (args) => {
          const [low, high] = [args.float('low'), args.float('high')];
          const c = args.isNone('mode') ? 0.5 : (args.float('mode') - low) / (high - low);
          const u = twister.random();
          return u > c ? high + (low - high) * Math.sqrt((1 - u) * (1 - c)) : low + (high - low) * Math.sqrt(u * c);
        },
      ],
      getstate: [
        '',
        () => {
          const { words, position } = twister.getState();
          return new PyTuple([3n, new PyTuple([...words.map(BigInt), BigInt(position)]), this.nextGauss]);
        },
      ],
      setstate: [
        'state',
        (args, interpreter) => {
          const [, words, gauss] = interpreter.list(args.value('state'));
          const numbers = interpreter.list(words ?? null).map(Number);
          twister.setState({ words: numbers.slice(0, 624), position: numbers[624] ?? 624 });
          this.nextGauss = typeof gauss === 'number' ? gauss : null;
        },
      ],
    };
  }
}

/** CPython's generator, bit for bit, for int seeds. */
export const randomModule: ModuleRow = {
  name: 'random',
  build: (interpreter) => {
    const shared = new RandomSource(BigInt(Math.floor(interpreter.host.now() * 1e6)));
    const randomClass = nativeClass<PyInstance>({
      name: 'Random',
      module: 'random',
      methods: {
        __init__: [
          'x=None, /',
          (self, args) => {
            const source = new RandomSource(0n);
            source.seed(args.value('x'), interpreter);
            self.native = source;
            for (const [name, value] of Object.entries(functionsOf(source.rows()))) self.attributes.set(name, value);
          },
        ],
      },
    });
    return new PyModule('random', { ...functionsOf(shared.rows()), Random: randomClass, SystemRandom: randomClass });
  },
};
