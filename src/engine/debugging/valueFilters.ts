import type {
  BreakpointView,
  DebugException,
  ExceptionFilter,
  ExceptionFilterSetting,
} from '../../common/debugContract';
import type { FindingView } from '../../common/engineContract';
import type { TensorData } from '../../core/tensor/dtype';
import type { TapeNode, Value } from '../../core/tensor/value';
import { slotsOf, type EventRecord, type TensorSlot } from '../../core/training/eventRecord';
import { normOf, statisticsOf } from '../../core/training/statistics';

/** What a filter sees of an event that has just happened. */
export interface FilteredEvent {
  record: EventRecord;
  /** The nodes that the event's graphs ran, in their order. */
  nodes: readonly TapeNode[];
  findings: readonly FindingView[];
  read(value: Value): TensorData;
  /** Computes many in one graph, to be read then. */
  compute(values: readonly Value[]): void;
}

interface FilterRow {
  /** Why a condition can't be taken; null for one that can. */
  refuse(condition: string): string | null;
  /** Whether it needs to see every value: the script is stepped then, also while it runs on. */
  needsValues: boolean;
  /** What it stops for; null where there is nothing. Exceptions are looked at where they are raised. */
  atEvent: ((event: FilteredEvent, condition: string) => DebugException | null) | null;
}

const defaultNormLimit = 10;
const defaultDeadPercent = 50;

const anyText = (): null => null;

function refuseNonNumber(condition: string): string | null {
  return condition === '' || Number(condition) >= 0 ? null : `"${condition}" is no number: a limit is needed.`;
}

/** The exception filters, one row each. */
const filterTable: Readonly<Record<ExceptionFilter, FilterRow>> = {
  uncaught: { refuse: anyText, needsValues: false, atEvent: null },
  raised: { refuse: anyText, needsValues: false, atEvent: null },
  notFinite: { refuse: anyText, needsValues: true, atEvent: findNotFinite },
  gradientNorm: { refuse: refuseNonNumber, needsValues: true, atEvent: findLargeNorm },
  deadUnits: { refuse: refuseNonNumber, needsValues: true, atEvent: findDeadUnits },
  check: { refuse: anyText, needsValues: false, atEvent: null },
};

/** The exception filters that are on. */
export class ExceptionFilters {
  private active = new Map<ExceptionFilter, string>();
  /** What the checks had found when somebody was last told. */
  private known = new Set<string>();

  get needsValues(): boolean {
    return [...this.active.keys()].some((filter) => filterTable[filter].needsValues);
  }

  /** The replies' ids are the filters' indices. */
  set(filters: readonly ExceptionFilterSetting[]): BreakpointView[] {
    this.active = new Map();
    return filters.map(({ filter, condition = '' }, id) => {
      const message = filterTable[filter].refuse(condition.trim());
      if (message === null) this.active.set(filter, condition.trim());
      return { id, verified: message === null, line: null, message };
    });
  }

  /** A new run finds anew. */
  reset(): void {
    this.known.clear();
  }

  /** Whether an exception stops the script where it is raised. */
  stopsAt(type: string, caught: boolean): boolean {
    const takes = (filter: ExceptionFilter): boolean => {
      const condition = this.active.get(filter);
      return condition !== undefined && (condition === '' || condition.split(/[\s,]+/).includes(type));
    };
    return takes('raised') || (!caught && takes('uncaught'));
  }

  atEvent(event: FilteredEvent): DebugException | null {
    for (const [filter, condition] of this.active) {
      const found = filterTable[filter].atEvent?.(event, condition) ?? null;
      if (found) return found;
    }
    return this.newFinding(event);
  }

  private newFinding({ findings, record }: FilteredEvent): DebugException | null {
    const condition = this.active.get('check');
    const fresh = findings.filter(({ check }) => !this.known.has(check));
    for (const { check } of fresh) this.known.add(check);
    if (condition === undefined) return null;
    const matches = (text: string): boolean => text.toLowerCase().includes(condition.toLowerCase());
    const finding = fresh.find(
      ({ severity, check, title }) => severity !== 'info' && (matches(check) || matches(title)),
    );
    if (finding) return stopFor(finding.title, `${finding.message} ${finding.suggestion}`);
    const warning = record.warnings.find(
      ({ category, message }) => !this.known.has(`${category}: ${message}`) && (matches(category) || matches(message)),
    );
    if (!warning) return null;
    this.known.add(`${warning.category}: ${warning.message}`);
    return stopFor(warning.category, `line ${warning.line}: ${warning.message}`);
  }
}

function stopFor(type: string, message: string): DebugException {
  return { type, message, uncaught: false, traceback: [] };
}

/** The event's own tensors, and what it changed of those that live on. */
function* changedSlots(record: EventRecord): Generator<TensorSlot> {
  for (const slot of slotsOf(record)) if (slot.since === null || slot.since === record.index) yield slot;
}

const titles: Readonly<Partial<Record<TensorSlot['kind'], (name: string) => string>>> = {
  parameter: (name) => name,
  gradient: (name) => `${name}.grad`,
  buffer: (name) => name,
  state: (name) => `the optimizer's ${name}`,
  input: () => 'the input',
  output: () => 'the output',
  layer: (name) => `the output of ${name}`,
  layerGradient: (name) => `the gradient of ${name}'s output`,
};

function findNotFinite(event: FilteredEvent, condition: string): DebugException | null {
  const { record, read } = event;
  const { loss } = record;
  const named: { name: string; value: Value }[] = [
    ...Array.from(changedSlots(record)).flatMap(({ kind, name, value }) => {
      const title = titles[kind]?.(name);
      return title === undefined ? [] : [{ name: title, value }];
    }),
    ...(loss ? [{ name: 'the loss', value: loss }] : []),
  ];
  for (const { name, value } of named) {
    if (!value.dtype.startsWith('float') || !name.includes(condition)) continue;
    const { count, nan, infinite } = statisticsOf(read(value));
    if (nan + infinite === 0) continue;
    const what = nan > 0 ? 'NaN' : 'Inf';
    const counts = nan > 0 && infinite > 0 ? `${nan} NaN and ${infinite} Inf` : `${nan + infinite} ${what}`;
    return stopFor(`${what} in ${name}`, `${counts} of ${count} elements, after ${record.phase}.${originOf(event)}`);
  }
  return null;
}

/** The operation that first made a value that is not finite, among those that the event ran. */
function originOf({ nodes, read, compute }: FilteredEvent): string {
  compute(nodes.flatMap(({ outputs }) => outputs));
  for (const { op, outputs, inputs, provenance } of nodes) {
    const isBad = (value: Value | null): boolean => {
      if (!value?.dtype.startsWith('float')) return false;
      const { nan, infinite } = statisticsOf(read(value));
      return nan + infinite > 0;
    };
    if (!outputs.some(isBad)) continue;
    const { operation, modulePath, line, role } = provenance;
    const name = operation === '' ? op : operation;
    const where = modulePath === '' ? '' : ` in ${modulePath}`;
    const which = role === 'backward' ? `the gradient of ${name}` : name;
    const already = inputs.some(isBad) ? ', whose inputs had it already' : '';
    return ` First made by ${which}${where} (${op}, line ${line}${already}).`;
  }
  return '';
}

function findLargeNorm({ record, read }: FilteredEvent, condition: string): DebugException | null {
  if (record.phase !== 'backward') return null;
  const limit = condition === '' ? defaultNormLimit : Number(condition);
  let sum = 0;
  let largest = { name: '', norm: -1 };
  for (const { kind, name, value } of record.persistent) {
    if (kind !== 'gradient') continue;
    const norm = normOf(read(value));
    sum += norm * norm;
    if (!(norm <= largest.norm)) largest = { name, norm };
  }
  const total = Math.sqrt(sum);
  if (total <= limit) return null;
  const message = `The norm of all gradients together is ${short(total)}; the limit is ${limit}. The largest is ${largest.name}.grad with ${short(largest.norm)}.`;
  return stopFor('Gradient norm above the limit', message);
}

function findDeadUnits({ record, nodes, read }: FilteredEvent, condition: string): DebugException | null {
  if (record.phase !== 'forward') return null;
  const limit = condition === '' ? defaultDeadPercent : Number(condition);
  for (const { op, outputs, provenance } of nodes) {
    const output = outputs[0];
    if (op !== 'Relu' || !output || output.shape.length < 2) continue;
    const units = output.shape[1]!;
    const dead = units - livingUnits(read(output), output.shape);
    const percent = (100 * dead) / units;
    if (dead === 0 || percent < limit) continue;
    const where = provenance.modulePath === '' ? '' : ` in ${provenance.modulePath}`;
    const message = `${dead} of ${units} units are 0 for every input of this batch (${short(percent)} %; the limit is ${limit} %): relu${where}, line ${provenance.line}.`;
    return stopFor('Dead units', message);
  }
  return null;
}

/** Units (dimension 1) that are not 0 everywhere. */
function livingUnits(data: TensorData, shape: readonly number[]): number {
  const [batch = 0, units = 0, ...rest] = shape;
  const area = rest.reduce((product, size) => product * size, 1);
  let living = 0;
  for (let unit = 0; unit < units; unit++) {
    const isAlive = (sample: number): boolean => {
      const begin = (sample * units + unit) * area;
      for (let i = begin; i < begin + area; i++) if (data[i] !== 0) return true;
      return false;
    };
    for (let sample = 0; sample < batch; sample++) {
      if (!isAlive(sample)) continue;
      living++;
      break;
    }
  }
  return living;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
