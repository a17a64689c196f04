import type { AttributeValue, AttributeValues, TensorAttribute } from '../onnx/opRow';
import { dtypeTable, type DType, type Shape } from './dtype';

/** What a token begins, so that no two structures have the same tokens. */
const marks = { end: 0, integer: 1, float: 2, text: 3, list: 4, tensor: 5 } as const;

const float = new Float64Array(1);
const bits = new Int32Array(float.buffer);

/** Numbers that texts have, from 1, so that none is the mark of an end: op names, attribute names, attribute values. */
const textNumbers = new Map<string, number>();

function textNumber(text: string): number {
  let number = textNumbers.get(text);
  if (number === undefined) {
    number = textNumbers.size + 1;
    textNumbers.set(text, number);
  }
  return number;
}

/**
 * A graph's structure as a row of integers: equal rows are equal graphs. An iteration builds the same graphs again, so
 * telling that must cost far less than building one; a row is written over the one before.
 */
export class StructureTokens {
  private tokens = new Int32Array(1024);
  private length = 0;

  clear(): void {
    this.length = 0;
  }

  add(token: number): void {
    if (this.length === this.tokens.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.tokens);
      this.tokens = larger;
    }
    this.tokens[this.length++] = token;
  }

  /** Ends a part whose length is not told. */
  addEnd(): void {
    this.add(marks.end);
  }

  addList(tokens: readonly number[]): void {
    this.add(tokens.length);
    for (const token of tokens) this.add(token);
  }

  addText(text: string): void {
    this.add(textNumber(text));
  }

  addShape(shape: Shape): void {
    this.addList(shape);
  }

  addType(dtype: DType, shape: Shape): void {
    this.add(dtypeTable[dtype].onnx);
    this.addShape(shape);
  }

  addAttributes(attributes: AttributeValues): void {
    for (const name in attributes) {
      const value = attributes[name];
      if (value === undefined) continue;
      this.addText(name);
      this.addValue(value);
    }
    this.addEnd();
  }

  /** FNV-1a over the tokens. */
  get hash(): number {
    const { tokens, length } = this;
    let hash = 0x811c9dc5;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ tokens[i]!, 0x01000193);
    return hash;
  }

  /** A copy to compare later rows with. */
  copy(): Int32Array {
    return this.tokens.slice(0, this.length);
  }

  equals(copy: Int32Array): boolean {
    const { tokens, length } = this;
    if (copy.length !== length) return false;
    for (let i = 0; i < length; i++) if (tokens[i] !== copy[i]) return false;
    return true;
  }

  private addValue(value: AttributeValue): void {
    if (typeof value === 'number') this.addNumber(value);
    else if (typeof value === 'string') {
      this.add(marks.text);
      this.addText(value);
    } else if (isTensor(value)) {
      this.add(marks.tensor);
      this.addType(value.dtype, value.shape);
      for (const element of value.data) this.addNumber(Number(element));
    } else {
      this.add(marks.list);
      this.add(value.length);
      for (const element of value) this.addNumber(element);
    }
  }

  private addNumber(number: number): void {
    if (Object.is(number | 0, number)) {
      this.add(marks.integer);
      this.add(number);
      return;
    }
    float[0] = number;
    this.add(marks.float);
    this.add(bits[0]!);
    this.add(bits[1]!);
  }
}

function isTensor(value: Exclude<AttributeValue, number | string>): value is TensorAttribute {
  return 'data' in value;
}
