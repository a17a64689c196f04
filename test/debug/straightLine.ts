import { readFileSync } from 'node:fs';
import type { MomentKind, MomentView, StepAction } from '../../src/common/debugContract';
import type { ExecutionMode } from '../../src/common/engineContract';

export type Scalar = number | string | boolean;

/** What CPython and PyTorch did, as `test/tools/statementTrace.py` recorded it. */
export interface RecordedMoment {
  kind: MomentKind;
  line: number;
  depth: number;
  name: string;
  /** Statements: the scalar variables of the frame. */
  values: ReadonlyMap<string, Scalar>;
  /** The module's scalar variables. */
  globals: ReadonlyMap<string, Scalar>;
  /** The last event that had happened; -1 before the first. */
  event: number;
  /** Every parameter group's rate as of that event. */
  lrAtEvent: readonly number[];
  /** Every parameter's sum as of that event. */
  sumsAtEvent: Readonly<Record<string, number>>;
}

interface RecordLine {
  kind: MomentKind;
  line: number;
  depth: number;
  name: string;
  frame?: number;
  values?: Record<string, Scalar | null>;
  lr?: number[];
  parameters?: Record<string, number>;
}

/** A run of a script without a debugger: one moment after the other. */
export interface StraightLine {
  moments: readonly RecordedMoment[];
  /** False: the record was cut off, and the script goes on. */
  finished: boolean;
}

export function readStraightLine(file: string): StraightLine {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const frames = new Map<number, Map<string, Scalar>>();
  let globals: ReadonlyMap<string, Scalar> = new Map();
  let event = -1;
  let [lr, sums]: [number[], Record<string, number>] = [[], {}];
  let [lrAtEvent, sumsAtEvent] = [lr, sums];
  const moments = lines.slice(1, -1).map((text): RecordedMoment => {
    const { kind, line, depth, name, frame = -1, ...changed } = JSON.parse(text) as RecordLine;
    lr = changed.lr ?? lr;
    sums = changed.parameters ?? sums;
    let values: Map<string, Scalar> = new Map();
    if (kind === 'statement') {
      values = new Map(frames.get(frame));
      for (const [key, value] of Object.entries(changed.values ?? {})) {
        if (value === null) values.delete(key);
        else values.set(key, value);
      }
      frames.set(frame, values);
      if (name === '<module>') globals = values;
    }
    if (kind === 'event') {
      event++;
      [lrAtEvent, sumsAtEvent] = [lr, sums];
    }
    return { kind, line, depth, name, values, globals, event, lrAtEvent, sumsAtEvent };
  });
  const { end } = JSON.parse(lines.at(-1)!) as { end: string };
  return { moments, finished: end === 'finished' };
}

export type Action =
  | { kind: 'step'; action: StepAction }
  | { kind: 'continue' | 'stepBack' | 'reverseContinue' }
  | { kind: 'toggle'; line: number }
  /** The panel's Next. */
  | { kind: 'nextEvent' }
  | { kind: 'moveTo'; event: number }
  /** Set Value of the module's variable `unused`. */
  | { kind: 'set'; value: number };

/** Where an action leads: to a moment, to the script's end, or to where the record has been cut off. */
export type Outcome = { moment: number } | 'finished' | 'unknown';

/** What a debugger shows of a straight line, and where its actions lead. It knows nothing of an engine. */
export class StraightLineModel {
  position = 0;
  /** The last moment that was reached since the script was last started or run again. */
  last = 0;
  readonly breakpoints = new Set<number>();
  private changes: { moment: number; value: number }[] = [];
  /** Layers of backwards that were run rather than stepped: nothing was kept of them. */
  private absent = new Set<number>();

  constructor(readonly line: StraightLine) {}

  get here(): RecordedMoment {
    return this.line.moments[this.position]!;
  }

  get lastEvent(): number {
    return this.line.moments[this.last]!.event;
  }

  /** The value that was set last at or before the present moment; undefined where none was. */
  get unused(): number | undefined {
    return this.changes.filter(({ moment }) => moment <= this.position).at(-1)?.value;
  }

  /** Lines that breakpoints can be set on. */
  statementLines(): number[] {
    const { moments } = this.line;
    return [...new Set(moments.filter(({ kind }) => kind === 'statement').map(({ line }) => line))];
  }

  restart(): void {
    this.position = this.last = 0;
    this.changes = [];
    this.absent.clear();
  }

  foresee(action: Action): Outcome {
    const { position, here } = this;
    switch (action.kind) {
      case 'step': {
        const ends = { over: here.depth, in: Infinity, out: here.depth - 1 }[action.action];
        return this.ahead(position, ({ kind, depth }) => kind !== 'event' && depth <= ends);
      }
      case 'continue':
        return this.ahead(position, () => false);
      case 'stepBack':
        return this.back(({ kind, depth }) => kind !== 'event' && depth <= here.depth);
      case 'reverseContinue':
        return this.back((moment) => this.stopsAt(moment));
      case 'nextEvent':
        if (here.event < this.lastEvent) return this.atEvent(here.event + 1);
        return this.ahead(this.last, ({ kind }) => kind === 'event');
      case 'moveTo':
        return this.atEvent(action.event);
      case 'toggle':
      case 'set':
        return { moment: position };
    }
  }

  /** How many moments come before one: what an engine calls it. */
  numberOf(moment: number): number {
    return moment - [...this.absent].filter((one) => one < moment).length;
  }

  /** What `foresee` has foreseen has happened. @param mode how the script ran */
  follow(action: Action, moment: number, mode: ExecutionMode): void {
    if (mode === 'running') this.leaveOut(this.last + 1, moment);
    this.position = moment;
    this.last = Math.max(this.last, moment);
    if (action.kind === 'toggle' && !this.breakpoints.delete(action.line)) this.breakpoints.add(action.line);
    if (action.kind === 'set') {
      this.changes = [...this.changes.filter((change) => change.moment <= moment), { moment, value: action.value }];
      this.last = moment;
    }
  }

  /**
   * The script was run again up to the present moment: of the layers of backwards it may have kept fewer.
   * @param moments all that an engine has recorded; @throws where they are not the straight line's
   */
  adopt(moments: readonly MomentView[]): void {
    this.absent.clear();
    let next = 0;
    for (let i = 0; i <= this.last; i++) {
      const { kind, depth, name, event } = this.line.moments[i]!;
      const shown = moments[next];
      if (shown?.kind === kind && shown.depth === depth && shown.name === name && shown.event === event) next++;
      else if (this.isOfBackward(i)) this.absent.add(i);
      else
        throw new Error(`moment ${next} is ${JSON.stringify(shown)} and not ${JSON.stringify(this.line.moments[i])}`);
    }
    if (next !== moments.length) throw new Error(`${moments.length} moments instead of ${next}`);
  }

  /** Whether it is a breakpoint that stops the script there. */
  stopsAt({ kind, line }: RecordedMoment): boolean {
    return kind === 'statement' && this.breakpoints.has(line);
  }

  private ahead(from: number, isGoal: (moment: RecordedMoment) => boolean): Outcome {
    const { moments, finished } = this.line;
    const found = moments.findIndex(
      (moment, index) => index > from && !this.absent.has(index) && (isGoal(moment) || this.stopsAt(moment)),
    );
    if (found >= 0) return { moment: found };
    return finished ? 'finished' : 'unknown';
  }

  private back(isGoal: (moment: RecordedMoment) => boolean): Outcome {
    const { moments } = this.line;
    for (let moment = this.position - 1; moment > 0; moment--) {
      if (!this.absent.has(moment) && isGoal(moments[moment]!)) return { moment };
    }
    return { moment: 0 };
  }

  /** The layers of the backwards between two moments. */
  private leaveOut(from: number, to: number): void {
    const { moments } = this.line;
    for (let i = from; i <= to; i++) {
      if (moments[i]!.kind !== 'event' || moments[i]!.name !== 'backward') continue;
      for (let layer = i + 1; moments[layer]?.kind === 'layer'; layer++) this.absent.add(layer);
    }
  }

  private isOfBackward(moment: number): boolean {
    const { moments } = this.line;
    let begin = moment;
    while (moments[begin]?.kind === 'layer') begin--;
    return begin !== moment && moments[begin]?.kind === 'event' && moments[begin]?.name === 'backward';
  }

  /** An event is shown where it happened; the last one where the script stands. */
  private atEvent(event: number): Outcome {
    if (event === this.lastEvent) return { moment: this.last };
    return { moment: this.line.moments.findIndex((moment) => moment.event === event) };
  }
}
