/**
 * Python that the grammar does not know, in forms it does. Every offset stays, so that places and values can be read
 * from the script itself.
 */
export interface Rewritten {
  text: string;
  /** The ends of the `as` targets that a placeholder stands for, by their starts. */
  targets: ReadonlyMap<number, number>;
}

/** Finds where a header's parts are: the brackets' depth is followed, strings are not (they don't hold the marks). */
function scanHeader(text: string, from: number, stop: (character: string, at: number) => boolean): number {
  let depth = 0;
  let quote = '';
  for (let i = from; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== '') {
      if (character === quote && text[i - 1] !== '\\') quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (depth === 0 && stop(character, i)) return i;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
  }
  return -1;
}

function replaced(text: string, from: number, to: number, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}

export function rewrite(source: string, trailingPoints: readonly number[]): Rewritten {
  let text = source;
  const targets = new Map<number, number>();
  for (const point of trailingPoints) text = replaced(text, point, point + 1, '0');
  const header = /^([ \t]*(?:async[ \t]+)?with)(?=[ \t(])/gm;
  for (let found = header.exec(source); found !== null; found = header.exec(source)) {
    const start = found.index + found[1]!.length;
    const end = scanHeader(text, start, (character) => character === ':');
    if (end < 0) continue;
    text = withoutParentheses(text, start, end);
    text = withPlaceholders(text, start, end, targets);
  }
  return { text, targets };
}

/** `with (a as b, c):` loses its parentheses, and line ends inside become blanks. */
function withoutParentheses(text: string, start: number, end: number): string {
  const head = text.slice(start, end);
  const open = start + head.length - head.trimStart().length;
  const close = start + head.trimEnd().length - 1;
  if (
    text[open] !== '(' ||
    text[close] !== ')' ||
    scanHeader(text, open + 1, (character) => character === ')') !== close
  ) {
    return text;
  }
  const inner = text.slice(open + 1, close);
  if (!/\sas\s/.test(inner) || inner.includes('#')) return text;
  const flat = inner.replace(/[\r\n]/g, ' ').replace(/,(\s*)$/, ' $1');
  return replaced(text, open, close + 1, ` ${flat} `);
}

/** A target that is more than a name (`as (a, b)`, `as self.x`) becomes a name of the same length. */
function withPlaceholders(text: string, start: number, end: number, targets: Map<number, number>): string {
  let result = text;
  const isAs = (_character: string, at: number): boolean => /^\sas\s/.test(text.slice(at, at + 4));
  for (let at = scanHeader(text, start, isAs); at >= 0 && at < end; at = scanHeader(text, at + 1, isAs)) {
    const blank = /^\s*/.exec(text.slice(at + 4, end))![0].length;
    const from = at + 4 + blank;
    const stop = scanHeader(text, from, (character) => character === ',' || character === ':');
    const to = from + text.slice(from, stop).trimEnd().length;
    if (/^\w*$/.test(text.slice(from, to)) || text.slice(from, to).includes('\n')) continue;
    targets.set(from, to);
    result = replaced(result, from, to, '_'.repeat(to - from));
  }
  return result;
}
