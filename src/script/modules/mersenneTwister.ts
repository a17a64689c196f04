/** CPython's MT19937: seeding by array, 32-bit draws and 53-bit floats. */
export class MersenneTwister {
  private readonly state = new Uint32Array(624);
  private position = 624;

  constructor(seed: bigint) {
    this.seed(seed);
  }

  seed(seed: bigint): void {
    const key: number[] = [];
    for (let rest = seed < 0n ? -seed : seed; rest > 0n; rest >>= 32n) key.push(Number(rest & 0xffffffffn));
    this.seedByArray(key.length === 0 ? [0] : key);
  }

  private seedByNumber(seed: number): void {
    const { state } = this;
    state[0] = seed;
    for (let i = 1; i < 624; i++) {
      const previous = state[i - 1]!;
      state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
    this.position = 624;
  }

  private seedByArray(key: readonly number[]): void {
    this.seedByNumber(19650218);
    const { state } = this;
    let i = 1;
    let j = 0;
    for (let k = Math.max(624, key.length); k > 0; k--) {
      const previous = state[i - 1]!;
      state[i] = (state[i]! ^ Math.imul(previous ^ (previous >>> 30), 1664525)) + key[j]! + j;
      if (++i >= 624) {
        state[0] = state[623]!;
        i = 1;
      }
      if (++j >= key.length) j = 0;
    }
    for (let k = 623; k > 0; k--) {
      const previous = state[i - 1]!;
      state[i] = (state[i]! ^ Math.imul(previous ^ (previous >>> 30), 1566083941)) - i;
      if (++i >= 624) {
        state[0] = state[623]!;
        i = 1;
      }
    }
    state[0] = 0x80000000;
    this.position = 624;
  }

  private refill(): void {
    const { state } = this;
    for (let k = 0; k < 624; k++) {
      const y = (state[k]! & 0x80000000) | (state[(k + 1) % 624]! & 0x7fffffff);
      state[k] = state[(k + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.position = 0;
  }

  /** An unsigned 32-bit number. */
  next(): number {
    if (this.position >= 624) this.refill();
    let y = this.state[this.position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** In [0, 1), with 53 bits. */
  random(): number {
    const a = this.next() >>> 5;
    const b = this.next() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }

  bits(count: number): bigint {
    let result = 0n;
    let shift = 0n;
    for (let rest = count; rest > 0; rest -= 32) {
      let word = this.next();
      if (rest < 32) word >>>= 32 - rest;
      result |= BigInt(word) << shift;
      shift += 32n;
    }
    return result;
  }

  /** In [0, limit), as `Random._randbelow` draws it. */
  below(limit: bigint): bigint {
    if (limit === 0n) return 0n;
    const width = limit.toString(2).length;
    let drawn = this.bits(width);
    while (drawn >= limit) drawn = this.bits(width);
    return drawn;
  }

  getState(): { words: number[]; position: number } {
    return { words: [...this.state], position: this.position };
  }

  setState({ words, position }: { words: readonly number[]; position: number }): void {
    this.state.set(words);
    this.position = position;
  }
}
