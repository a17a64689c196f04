type HitTest = (hits: number) => boolean;

const operators: Readonly<Record<string, (hits: number, count: number) => boolean>> = {
  '': (hits, count) => hits === count,
  '==': (hits, count) => hits === count,
  '=': (hits, count) => hits === count,
  '>': (hits, count) => hits > count,
  '>=': (hits, count) => hits >= count,
  '<': (hits, count) => hits < count,
  '<=': (hits, count) => hits <= count,
  '%': (hits, count) => hits % count === 0,
};

/** A breakpoint's hit condition as debugpy takes it: `3`, `>= 3`, `% 10`. Null for what is none. */
export function hitTest(text: string): HitTest | null {
  const parts = /^\s*(==|=|>=|>|<=|<|%)?\s*(\d+)\s*$/.exec(text);
  const count = Number(parts?.[2]);
  const operator = operators[parts?.[1] ?? ''];
  if (!parts || !operator || (parts[1] === '%' && count === 0)) return null;
  return (hits) => operator(hits, count);
}
