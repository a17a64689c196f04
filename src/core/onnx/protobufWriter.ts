/** Writes protocol buffers' wire format (https://protobuf.dev/programming-guides/encoding), little of it as ONNX needs. */
export class ProtobufWriter {
  private buffer = new Uint8Array(1024);
  private length = 0;

  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  int(field: number, value: number | bigint): void {
    this.varint(BigInt(field << 3));
    this.varint(BigInt.asUintN(64, BigInt(value)));
  }

  float(field: number, value: number): void {
    this.varint(BigInt((field << 3) | 5));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.append(bytes);
  }

  string(field: number, value: string): void {
    this.bytes(field, utf8(value));
  }

  bytes(field: number, value: Uint8Array): void {
    this.varint(BigInt((field << 3) | 2));
    this.varint(BigInt(value.length));
    this.append(value);
  }

  message(field: number, write: (writer: ProtobufWriter) => void): void {
    const nested = new ProtobufWriter();
    write(nested);
    this.bytes(field, nested.buffer.subarray(0, nested.length));
  }

  packedInts(field: number, values: readonly number[]): void {
    const nested = new ProtobufWriter();
    for (const value of values) nested.varint(BigInt.asUintN(64, BigInt(value)));
    this.bytes(field, nested.buffer.subarray(0, nested.length));
  }

  private varint(value: bigint): void {
    if (value < 0x4000_0000n) {
      let small = Number(value);
      while (small > 127) {
        this.byte((small & 127) | 128);
        small >>>= 7;
      }
      this.byte(small);
      return;
    }
    let rest = value;
    while (rest > 127n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  private append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private reserve(extra: number): void {
    if (this.length + extra <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + extra));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}

/** UTF-8 (RFC 3629). */
export function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
  }
  return Uint8Array.from(bytes);
}
