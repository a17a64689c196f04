import type {
  BreakpointView,
  DataBreakpoint,
  DebugQueryContract,
  DebugStop,
  FunctionBreakpoint,
  LineBreakpoint,
} from '../../common/debugContract';
import type { Phase } from '../../common/phase';
import { breakableLines } from '../../script/debugging/breakableLines';
import { hitTest } from './hitCondition';
import { offeredPhaseNames, phaseOfName } from './phaseNames';

/** What a breakpoint's expressions are evaluated with, at the moment that it may be hit. */
export interface BreakpointHost {
  /** Whether a condition holds, and its value as Python writes it. Throws what the expression raises. */
  test(condition: string): { holds: boolean; text: string };
  /** An expression of a log message as `str` gives it. */
  text(expression: string): string;
  /** Says what a breakpoint has to say. */
  say(text: string, line: number, isError: boolean): void;
}

/** What all kinds of breakpoints share. */
interface Conditional {
  id: number;
  condition?: string;
  hitCondition?: string;
  logMessage?: string;
}

interface Active<T extends Conditional> {
  readonly given: T;
  readonly counts: ((hits: number) => boolean) | null;
  hits: number;
  /** Its condition has failed: that is said once. */
  failed: boolean;
}

/** A breakpoint that is the reason for a stop, with what its condition measured. */
export interface Hit {
  id: number;
  text: string | null;
}

const badHitCondition = 'The hit condition is a number, or >, >=, <, <=, == or % and a number.';

/** The breakpoints of a session: they outlive its runs. */
export class Breakpoints {
  private readonly byLine = new Map<number, Active<LineBreakpoint>[]>();
  private readonly byPhase = new Map<Phase, Active<FunctionBreakpoint>[]>();
  private readonly byFunction = new Map<string, Active<FunctionBreakpoint>[]>();
  private data: Active<DataBreakpoint>[] = [];

  /** Whether entering a function of the script must be looked at. */
  get watchesFunctions(): boolean {
    return this.byFunction.size > 0;
  }

  get dataBreakpoints(): readonly DataBreakpoint[] {
    return this.data.map(({ given }) => given);
  }

  /** Whether a breakpoint is still set. */
  has(id: number): boolean {
    return this.all().some(({ given }) => given.id === id);
  }

  setLines({ source, breakpoints }: DebugQueryContract['setBreakpoints']['request']): BreakpointView[] {
    const before = new Map([...this.byLine.values()].flat().map((active) => [active.given.id, active]));
    this.byLine.clear();
    const lines = breakableLines(source);
    return breakpoints.map((given) => {
      const { line, reason } = lines.resolve(given.line);
      if (line === null) return { id: given.id, verified: false, line: null, message: reason };
      return this.activate(given, before.get(given.id), (active) => append(this.byLine, line, active), line, reason);
    });
  }

  setFunctions({ source, breakpoints }: DebugQueryContract['setFunctionBreakpoints']['request']): BreakpointView[] {
    const before = new Map(
      [...this.byPhase.values(), ...this.byFunction.values()].flat().map((active) => [active.given.id, active]),
    );
    this.byPhase.clear();
    this.byFunction.clear();
    const functions = new Set(breakableLines(source).functionNames());
    return breakpoints.map((given) => {
      const phase = phaseOfName(given.name);
      const name = given.name
        .trim()
        .replace(/\(\s*\)$/, '')
        .split('.')
        .at(-1)!;
      if (phase === undefined && !functions.has(name)) {
        const message = `The script has no function "${given.name}", and it is no phase: ${offeredPhaseNames.join(', ')}.`;
        return { id: given.id, verified: false, line: null, message };
      }
      const place = (active: Active<FunctionBreakpoint>): void => {
        if (phase === undefined) append(this.byFunction, name, active);
        else append(this.byPhase, phase, active);
      };
      return this.activate(given, before.get(given.id), place, null, null);
    });
  }

  /** @param refusal why a thing can't be watched; null where it can */
  setData(
    { breakpoints }: DebugQueryContract['setDataBreakpoints']['request'],
    refusal: (dataId: string) => string | null,
  ): BreakpointView[] {
    const before = new Map(this.data.map((active) => [active.given.id, active]));
    this.data = [];
    return breakpoints.map((given) => {
      const message = refusal(given.dataId);
      if (message !== null) return { id: given.id, verified: false, line: null, message };
      return this.activate(given, before.get(given.id), (active) => this.data.push(active), null, null);
    });
  }

  /** A new run counts anew. */
  resetCounts(): void {
    for (const active of this.all()) {
      active.hits = 0;
      active.failed = false;
    }
  }

  hitsAtLine(line: number, host: BreakpointHost): Hit[] {
    return this.hits(this.byLine.get(line), line, host);
  }

  hitsAtFunction(name: string, line: number, host: BreakpointHost): Hit[] {
    return this.hits(this.byFunction.get(name), line, host);
  }

  hitsAtPhase(phase: Phase, line: number, host: BreakpointHost): Hit[] {
    return this.hits(this.byPhase.get(phase), line, host);
  }

  /** @param change what has changed, by the breakpoints' order; null where nothing has */
  hitsOfData(change: (breakpoint: DataBreakpoint) => string | null, line: number, host: BreakpointHost): Hit[] {
    return this.data.flatMap((active) => {
      const text = change(active.given);
      return text === null ? [] : this.hits([active], line, host).map((hit) => ({ ...hit, text }));
    });
  }

  /** Whether a line's breakpoint would have stopped there in the past; hits are not counted again. */
  wouldStopAt(line: number, host: () => BreakpointHost): boolean {
    return (this.byLine.get(line) ?? []).some(({ given, counts }) => {
      if (given.logMessage !== undefined || counts !== null) return false;
      if (given.condition === undefined) return true;
      try {
        return host().test(given.condition).holds;
      } catch {
        // What could not be evaluated was said when the line was run.
        return false;
      }
    });
  }

  private all(): Active<Conditional>[] {
    return [...this.byLine.values(), ...this.byPhase.values(), ...this.byFunction.values(), this.data].flat();
  }

  private activate<T extends Conditional>(
    given: T,
    before: Active<T> | undefined,
    place: (active: Active<T>) => void,
    line: number | null,
    message: string | null,
  ): BreakpointView {
    const { hitCondition } = given;
    const counts = isGiven(hitCondition) ? hitTest(hitCondition) : undefined;
    if (counts === null) return { id: given.id, verified: false, line, message: badHitCondition };
    const same = before?.given.condition === given.condition && before?.given.hitCondition === hitCondition;
    place({ given, counts: counts ?? null, hits: same ? (before?.hits ?? 0) : 0, failed: same && !!before?.failed });
    return { id: given.id, verified: true, line, message };
  }

  private hits<T extends Conditional>(
    candidates: readonly Active<T>[] | undefined,
    line: number,
    host: BreakpointHost,
  ): Hit[] {
    return candidates?.flatMap((active) => this.hit(active, line, host) ?? []) ?? [];
  }

  private hit<T extends Conditional>(active: Active<T>, line: number, host: BreakpointHost): Hit | null {
    const { condition, logMessage, id } = active.given;
    let text: string | null = null;
    if (isGiven(condition)) {
      try {
        const { holds, text: value } = host.test(condition);
        if (!holds) return null;
        text = measured(condition, value, host);
      } catch (thrown) {
        if (active.failed) return null;
        active.failed = true;
        text = `The condition ${condition} failed: ${(thrown as Error).message}`;
        host.say(text, line, true);
        return { id, text };
      }
    }
    active.hits++;
    if (active.counts && !active.counts(active.hits)) return null;
    if (!isGiven(logMessage)) return { id, text: text ?? (active.counts ? `hit ${active.hits}` : null) };
    host.say(interpolate(logMessage, host), line, false);
    return null;
  }
}

/** The stop that some breakpoints make; null where there are none. */
export function stopOfHits(hits: readonly Hit[], reason: DebugStop['reason']): DebugStop | null {
  if (hits.length === 0) return null;
  const texts = hits.flatMap(({ text }) => text ?? []);
  return {
    reason,
    description: `Paused on ${reason}`,
    text: texts.length === 0 ? null : texts.join('; '),
    breakpointIds: hits.map(({ id }) => id),
    exception: null,
  };
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

/** `loss.item() > 2.5 (loss.item() is 2.63)` */
function measured(condition: string, value: string, host: BreakpointHost): string {
  if (value !== 'True') return `${condition} is ${value}`;
  const operands = comparedOperands(condition).filter((operand) => !isLiteral(operand));
  const values = operands.map((operand) => `${operand} is ${host.text(operand)}`);
  return values.length === 0 ? condition : `${condition} (${values.join(', ')})`;
}

/** Both sides of a condition that is one comparison; empty for any other. */
function comparedOperands(condition: string): string[] {
  const sides = condition.split(/<=|>=|==|!=|<|>/);
  const isPlain = sides.length === 2 && !/\b(and|or|not|in|is|lambda|for|if)\b|['"]/.test(condition);
  const balanced = sides.every((side) => side.split(/[([{]/).length === side.split(/[)\]}]/).length);
  return isPlain && balanced ? sides.map((side) => side.trim()) : [];
}

function isLiteral(operand: string): boolean {
  return /^[-+]?[\d._]+(e[-+]?\d+)?$|^(True|False|None)$/i.test(operand);
}

/** `{expression}` is evaluated; doubled braces stand for themselves. */
function interpolate(message: string, host: BreakpointHost): string {
  return message.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, expression: string | undefined) => {
    if (expression === undefined) return whole[0]!;
    try {
      return host.text(expression);
    } catch (thrown) {
      return `{${expression}: ${(thrown as Error).message}}`;
    }
  });
}

function append<K, T>(map: Map<K, T[]>, key: K, item: T): void {
  const items = map.get(key);
  if (items) items.push(item);
  else map.set(key, [item]);
}
