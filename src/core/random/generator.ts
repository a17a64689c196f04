import { PythonError } from '../../common/errors';

/** The seed of a generator that nobody has seeded (c10/core/GeneratorImpl.h, `default_rng_seed_val`). */
export const defaultSeed = 67280421310721n;

const stateSize = 624;
const shiftSize = 397;
const uint64Limit = 1n << 64n;

/** Bytes of `torch.get_rng_state()` on the CPU (aten/src/ATen/CPUGeneratorImpl.cpp, `CPUGeneratorImplState`). */
export const stateByteLength = 5056;

/** Byte offsets of the fields of that C struct, little-endian with natural alignment. */
const stateLayout = {
  seed: 0,
  left: 8,
  seeded: 12,
  next: 16,
  words: 24,
  normalX: 24 + 8 * stateSize,
  normalRho: 40 + 8 * stateSize,
  normalIsValid: 48 + 8 * stateSize,
} as const;

/**
 * PyTorch's CPU generator, bit for bit: MT19937 seeded with the low 32 bits of the seed, and one cached normal sample.
 * Source: ATen/core/MT19937RNGEngine.h and ATen/CPUGeneratorImpl.cpp of PyTorch 2.13.0.
 */
export class Generator {
  private words = new Uint32Array(stateSize);
  private left = 1;
  private next = 0;
  private seed = defaultSeed;
  /** The sine half of the last Box-Muller pair drawn one by one; the next such draw takes it. */
  nextNormalSample: number | null = null;

  constructor(seed: bigint | number = defaultSeed) {
    this.manualSeed(seed);
  }

  /**
   * Restarts the stream, as `generator.manual_seed(seed)` does.
   * @param seed from -2**63 to 2**64 - 1; a negative one counts down from 2**64
   * @throws PythonError ValueError for a seed outside that range
   */
  manualSeed(seed: bigint | number): this {
    const asked = BigInt(seed);
    if (asked < -(1n << 63n) || asked >= uint64Limit) {
      throw new PythonError('ValueError', 'Overflow when unpacking long long');
    }
    this.seed = BigInt.asUintN(64, asked);
    this.nextNormalSample = null;
    this.left = 1;
    this.next = 0;
    let word = Number(this.seed & 0xffffffffn);
    this.words[0] = word;
    for (let index = 1; index < stateSize; index += 1) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + index) >>> 0;
      this.words[index] = word;
    }
    return this;
  }

  /** The seed of the last `manualSeed`, as an unsigned 64-bit number. */
  initialSeed(): bigint {
    return this.seed;
  }

  /** One draw of 32 bits, from 0 to 2**32 - 1. */
  random32(): number {
    this.left -= 1;
    if (this.left === 0) this.twist();
    let word = this.words[this.next]!;
    this.next += 1;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  /** Two draws as one of 64 bits; the first one is the high half. */
  random64(): bigint {
    const high = this.random32();
    const low = this.random32();
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** A float32 in [0, 1): the low 24 bits of one draw. */
  uniform24(): number {
    return (this.random32() & 0xffffff) / 0x1000000;
  }

  /** A float64 in [0, 1): the low 53 bits of two draws. */
  uniform53(): number {
    const high = this.random32() & 0x1fffff;
    return (high * 0x100000000 + this.random32()) / 0x20000000000000;
  }

  /** An independent generator that continues the same stream. */
  clone(): Generator {
    const copy = new Generator(0);
    copy.words.set(this.words);
    copy.left = this.left;
    copy.next = this.next;
    copy.seed = this.seed;
    copy.nextNormalSample = this.nextNormalSample;
    return copy;
  }

  /** The whole state, byte for byte as `torch.get_rng_state()` gives it. */
  getState(): Uint8Array {
    const bytes = new Uint8Array(stateByteLength);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(stateLayout.seed, this.seed, true);
    view.setInt32(stateLayout.left, this.left, true);
    view.setInt32(stateLayout.seeded, 1, true);
    view.setBigUint64(stateLayout.next, BigInt(this.next), true);
    for (let index = 0; index < stateSize; index += 1) {
      view.setUint32(stateLayout.words + 8 * index, this.words[index]!, true);
    }
    if (this.nextNormalSample !== null) {
      view.setFloat64(stateLayout.normalX + 8, this.nextNormalSample, true);
      view.setInt32(stateLayout.normalIsValid, 1, true);
    }
    return bytes;
  }

  /**
   * Continues from what `getState` (or PyTorch) gave.
   * @throws PythonError RuntimeError when the bytes are not such a state
   */
  setState(bytes: Uint8Array): this {
    if (bytes.byteLength !== stateByteLength) {
      throw new PythonError(
        'RuntimeError',
        `Expected a CPUGeneratorImplState of size ${String(stateByteLength)} but found the input RNG state size to be ${String(bytes.byteLength)}`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const left = view.getInt32(stateLayout.left, true);
    const next = view.getBigUint64(stateLayout.next, true);
    const seeded = view.getInt32(stateLayout.seeded, true) === 1;
    if (!seeded || left <= 0 || left > stateSize || next > BigInt(stateSize)) {
      throw new PythonError('RuntimeError', 'Invalid mt19937 state');
    }
    this.seed = view.getBigUint64(stateLayout.seed, true);
    this.left = left;
    this.next = Number(next);
    for (let index = 0; index < stateSize; index += 1) {
      this.words[index] = view.getUint32(stateLayout.words + 8 * index, true);
    }
    this.nextNormalSample =
      view.getInt32(stateLayout.normalIsValid, true) === 1 ? view.getFloat64(stateLayout.normalX + 8, true) : null;
    return this;
  }

  private twist(): void {
    const words = this.words;
    for (let index = 0; index < stateSize; index += 1) {
      const following = words[(index + 1) % stateSize]!;
      const mixed = (words[index]! & 0x80000000) | (following & 0x7fffffff);
      words[index] = words[(index + shiftSize) % stateSize]! ^ (mixed >>> 1) ^ (following & 1 ? 0x9908b0df : 0);
    }
    this.left = stateSize;
    this.next = 0;
  }
}
