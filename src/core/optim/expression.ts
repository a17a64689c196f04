import { GradstepError } from '../../common/errors';

/** The numbers that an expression's names stand for. */
export type Scope = ReadonlyMap<string, number>;

const functions: Readonly<Record<string, (...values: number[]) => number>> = { sqrt: Math.sqrt, max: Math.max };

const token = /\s*([A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/^(),])/y;
const nameToken = /[A-Za-z_]\w*/g;

/**
 * The value of an optimizer's line in double precision: + - * / ^, parentheses, sqrt and max over names.
 * @throws GradstepError `optim.expression` for a name that has no number, or text that is no expression
 */
export function evaluate(text: string, scope: Scope): number {
  const reader = new Reader(text, scope);
  const value = reader.sum();
  if (!reader.isAtEnd) throw noExpression(text);
  return value;
}

/** The expression with numbers in place of its names. */
export function substitute(text: string, scope: Scope): string {
  return text.replace(nameToken, (name, offset: number) => {
    const value = scope.get(name);
    if (value === undefined) return name;
    const written = shortNumber(value);
    const alone = offset === 0 || text[offset - 1] === '(';
    return value < 0 && !alone ? `(${written})` : written;
  });
}

/** Six digits, and no more than the number has. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  return String(Number(value.toPrecision(6))).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Recursive descent; `^` binds closest and to the right, as in the formulas. */
class Reader {
  private upcoming: string | null = null;
  private place = 0;

  constructor(
    private readonly text: string,
    private readonly scope: Scope,
  ) {
    this.advance();
  }

  get isAtEnd(): boolean {
    return this.upcoming === null;
  }

  sum(): number {
    let value = this.product();
    while (this.sees('+') || this.sees('-')) {
      const sign = this.take();
      const right = this.product();
      value = sign === '+' ? value + right : value - right;
    }
    return value;
  }

  private product(): number {
    let value = this.signed();
    while (this.sees('*') || this.sees('/')) {
      const operator = this.take();
      const right = this.signed();
      value = operator === '*' ? value * right : value / right;
    }
    return value;
  }

  private signed(): number {
    if (!this.sees('-')) return this.power();
    this.take();
    return -this.signed();
  }

  private power(): number {
    const base = this.atom();
    if (!this.sees('^')) return base;
    this.take();
    return Math.pow(base, this.signed());
  }

  private atom(): number {
    const text = this.take();
    if (text === '(') return this.closed(this.sum());
    const call = functions[text];
    if (call && this.sees('(')) {
      this.take();
      const values = [this.sum()];
      while (this.sees(',')) {
        this.take();
        values.push(this.sum());
      }
      return this.closed(call(...values));
    }
    const value = this.scope.get(text) ?? (/^\d/.test(text) ? Number(text) : undefined);
    if (value === undefined) throw noExpression(this.text);
    return value;
  }

  private closed(value: number): number {
    if (this.take() !== ')') throw noExpression(this.text);
    return value;
  }

  private sees(text: string): boolean {
    return this.upcoming === text;
  }

  private take(): string {
    if (this.upcoming === null) throw noExpression(this.text);
    const taken = this.upcoming;
    this.advance();
    return taken;
  }

  private advance(): void {
    token.lastIndex = this.place;
    const match = token.exec(this.text);
    if (!match && this.text.slice(this.place).trim() !== '') throw noExpression(this.text);
    this.upcoming = match?.[1] ?? null;
    if (match) this.place = token.lastIndex;
  }
}

function noExpression(text: string): GradstepError {
  return new GradstepError(`"${text}" can't be computed`, { code: 'optim.expression', audience: 'maintainer' });
}
