/**
 * VS Code carries a webview's messages as JSON, which knows neither NaN and infinities nor big integers and turns them
 * into null or an error. They travel as objects with this one key; typed arrays travel as they are.
 */
const key = '$gradstep';

/** A copy of a message that survives JSON. */
export function toWire(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { [key]: String(value) };
  if (typeof value === 'bigint') return { [key]: `${value}n` };
  if (typeof value !== 'object' || value === null || isBinary(value)) return value;
  if (Array.isArray(value)) return value.map(toWire);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toWire(part)]));
}

/** The message as it was sent; takes the received one over. */
export function fromWire(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isBinary(value)) return value;
  if (Array.isArray(value)) {
    value.forEach((part, index) => (value[index] = fromWire(part)));
    return value;
  }
  const parts = value as Record<string, unknown>;
  const special = parts[key];
  if (typeof special === 'string') return special.endsWith('n') ? BigInt(special.slice(0, -1)) : Number(special);
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part === 'object') parts[name] = fromWire(part);
  }
  return parts;
}

function isBinary(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}
