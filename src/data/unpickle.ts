import { GradstepError } from '../common/errors';

/** What a pickle of plain data can hold. Python 2's `str` and Python 3's `bytes` are both bytes. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Map<string, PickleValue>
  | PickledArray
  | PickledGlobal;

/** The only names a data set's pickle may mention, and what each stands for here. */
const allowedGlobals = new Map<string, GlobalKind>([
  ['numpy.core.multiarray._reconstruct', 'reconstruct'],
  ['numpy._core.multiarray._reconstruct', 'reconstruct'],
  ['numpy.ndarray', 'ndarray'],
  ['numpy.dtype', 'dtype'],
  ['_codecs.encode', 'encode'],
]);
type GlobalKind = 'reconstruct' | 'ndarray' | 'dtype' | 'encode';

class PickledGlobal {
  constructor(
    readonly kind: GlobalKind,
    /** Of a dtype: numpy's code, such as `u1`. */
    readonly dtype = '',
  ) {}
}

/** A numpy array of unsigned bytes, in C order. */
export class PickledArray {
  shape: number[] = [];
  data: Uint8Array = new Uint8Array(0);
}

/** Bytes or text as text (Latin-1, as torchvision reads Python 2's strings). */
export function pickledText(value: PickleValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : undefined;
}

const mark = Symbol('mark');

/** Reads one pickle (protocols 2 to 4) of plain data. It looks names up in a list of its own and calls nothing. */
class Reader {
  private at = 0;
  private readonly stack: (PickleValue | typeof mark)[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): PickleValue {
    for (;;) {
      const opcode = this.unsigned(1);
      if (opcode === 0x2e) return this.pop();
      const step = opcodes.get(opcode);
      if (step === undefined) {
        this.refuse(`opcode 0x${opcode.toString(16).padStart(2, '0')} at byte ${this.at - 1}`);
      }
      step(this);
    }
  }

  refuse(what: string): never {
    throw new GradstepError(
      `${this.file}: the pickle holds ${what}, which a data set of images has no need of; it was not read. ` +
        'Use the binary version of the data set, or download it again.',
      { code: 'data.pickle', hint: 'Use the binary version of the data set (cifar-10-batches-bin).' },
    );
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) {
      throw new GradstepError(
        `${this.file}: the file ends at byte ${this.bytes.length}, where its pickle has ${length} more bytes from byte ` +
          `${this.at}; it is truncated. Delete it and download it again.`,
        { code: 'data.truncated', hint: 'Delete the file and download it again.' },
      );
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A little-endian unsigned number of `size` bytes. */
  unsigned(size: number): number {
    return this.take(size).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  int32(): number {
    this.take(4);
    return this.view.getInt32(this.at - 4, true);
  }

  float64(): number {
    this.take(8);
    return this.view.getFloat64(this.at - 8, false);
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    const text = Buffer.from(this.take((end < 0 ? this.bytes.length + 1 : end) - this.at)).toString('latin1');
    this.take(1);
    return text;
  }

  /** A little-endian two's complement number, as LONG1 has it. */
  long(size: number): number {
    const bytes = this.take(size);
    const value = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return Number(BigInt.asIntN(size * 8, value));
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pushMark(): void {
    this.stack.push(mark);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === mark) this.refuse('an unbalanced stack');
    return value;
  }

  popToMark(): PickleValue[] {
    const start = this.stack.lastIndexOf(mark);
    if (start < 0) this.refuse('an unbalanced stack');
    return this.stack.splice(start).filter((value) => value !== mark);
  }

  popMany(length: number): PickleValue[] {
    return Array.from({ length }, () => this.pop()).reverse();
  }

  remember(key: number): void {
    const value = this.pop();
    this.memo.set(key, value);
    this.push(value);
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) this.refuse(`a reference to value ${key}, which it never stored`);
    this.push(value);
  }

  append(values: PickleValue[]): void {
    const list = this.pop();
    if (!Array.isArray(list)) this.refuse('an append to something that is no list');
    for (const value of values) list.push(value);
    this.push(list);
  }

  setItems(values: PickleValue[]): void {
    const dictionary = this.pop();
    if (!(dictionary instanceof Map)) this.refuse('an item of something that is no dictionary');
    for (let at = 0; at + 1 < values.length; at += 2) {
      const key = pickledText(values[at]);
      if (key === undefined) this.refuse('a dictionary key that is no text');
      dictionary.set(key, values[at + 1] ?? null);
    }
    this.push(dictionary);
  }

  pushGlobal(module: string | undefined, name: string | undefined): void {
    const kind = allowedGlobals.get(`${module}.${name}`);
    if (kind === undefined) this.refuse(`the name ${module}.${name}`);
    this.push(new PickledGlobal(kind));
  }

  /** Python would call a function here; only the four ways in which numpy writes an array of bytes are understood. */
  reduce(): void {
    const [callee, parameters] = this.popMany(2);
    if (!(callee instanceof PickledGlobal) || !Array.isArray(parameters)) this.refuse('a call');
    const text = pickledText(parameters[0]);
    if (callee.kind === 'reconstruct') this.push(new PickledArray());
    else if (callee.kind === 'dtype' && text !== undefined) this.push(new PickledGlobal('dtype', text));
    else if (callee.kind === 'encode' && text !== undefined) this.push(new Uint8Array(Buffer.from(text, 'latin1')));
    else this.refuse(`a call of ${callee.kind}`);
  }

  build(): void {
    const [target, state] = this.popMany(2);
    if (target instanceof PickledGlobal && target.kind === 'dtype') {
      this.push(target);
      return;
    }
    if (!(target instanceof PickledArray) || !Array.isArray(state)) this.refuse('the state of an object');
    const [, shape, dtype, fortran, data] = state;
    if (!(dtype instanceof PickledGlobal) || dtype.dtype !== 'u1') this.refuse('an array that is not of type uint8');
    if (!Array.isArray(shape) || !(data instanceof Uint8Array) || fortran !== false) this.refuse('an unusual array');
    target.shape = shape.map(Number);
    if (target.shape.reduce((product, size) => product * size, 1) !== data.length) {
      this.refuse(`an array of shape (${target.shape.join(', ')}) with ${data.length} bytes`);
    }
    target.data = data;
    this.push(target);
  }
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

/** Pickle's opcodes (CPython's pickletools), as far as plain data and arrays need them. */
const opcodes = new Map<number, (reader: Reader) => void>([
  [0x80, (r) => void r.take(1)], // PROTO
  [0x95, (r) => void r.take(8)], // FRAME
  [0x28, (r) => r.pushMark()], // MARK
  [0x30, (r) => void r.pop()], // POP
  [0x31, (r) => void r.popToMark()], // POP_MARK
  [0x4e, (r) => r.push(null)], // NONE
  [0x88, (r) => r.push(true)], // NEWTRUE
  [0x89, (r) => r.push(false)], // NEWFALSE
  [0x4a, (r) => r.push(r.int32())], // BININT
  [0x4b, (r) => r.push(r.unsigned(1))], // BININT1
  [0x4d, (r) => r.push(r.unsigned(2))], // BININT2
  [0x8a, (r) => r.push(r.long(r.unsigned(1)))], // LONG1
  [0x47, (r) => r.push(r.float64())], // BINFLOAT
  [0x55, (r) => r.push(r.take(r.unsigned(1)))], // SHORT_BINSTRING
  [0x54, (r) => r.push(r.take(r.unsigned(4)))], // BINSTRING
  [0x43, (r) => r.push(r.take(r.unsigned(1)))], // SHORT_BINBYTES
  [0x42, (r) => r.push(r.take(r.unsigned(4)))], // BINBYTES
  [0x8e, (r) => r.push(r.take(r.unsigned(8)))], // BINBYTES8
  [0x8c, (r) => r.push(text(r.take(r.unsigned(1))))], // SHORT_BINUNICODE
  [0x58, (r) => r.push(text(r.take(r.unsigned(4))))], // BINUNICODE
  [0x5d, (r) => r.push([])], // EMPTY_LIST
  [0x61, (r) => r.append([r.pop()])], // APPEND
  [0x65, (r) => r.append(r.popToMark())], // APPENDS
  [0x29, (r) => r.push([])], // EMPTY_TUPLE
  [0x74, (r) => r.push(r.popToMark())], // TUPLE
  [0x85, (r) => r.push(r.popMany(1))], // TUPLE1
  [0x86, (r) => r.push(r.popMany(2))], // TUPLE2
  [0x87, (r) => r.push(r.popMany(3))], // TUPLE3
  [0x7d, (r) => r.push(new Map())], // EMPTY_DICT
  [0x73, (r) => r.setItems(r.popMany(2))], // SETITEM
  [0x75, (r) => r.setItems(r.popToMark())], // SETITEMS
  [0x71, (r) => r.remember(r.unsigned(1))], // BINPUT
  [0x72, (r) => r.remember(r.unsigned(4))], // LONG_BINPUT
  [0x94, (r) => r.rememberNext()], // MEMOIZE
  [0x68, (r) => r.recall(r.unsigned(1))], // BINGET
  [0x6a, (r) => r.recall(r.unsigned(4))], // LONG_BINGET
  [0x63, (r) => r.pushGlobal(r.line(), r.line())], // GLOBAL
  [
    0x93, // STACK_GLOBAL
    (r) => {
      const [module, name] = r.popMany(2);
      r.pushGlobal(pickledText(module), pickledText(name));
    },
  ],
  [0x52, (r) => r.reduce()], // REDUCE
  [0x62, (r) => r.build()], // BUILD
]);

/**
 * Reads a pickle of plain data (numbers, text, bytes, lists, tuples, dictionaries with text keys, numpy arrays of uint8)
 * and executes nothing: a name that is not one of numpy's four for arrays is refused. `file` is for the messages.
 * Throws `data.pickle` or `data.truncated`.
 */
export function unpickle(bytes: Uint8Array, file: string): PickleValue {
  return new Reader(bytes, file).read();
}
