import type { DebugProtocol } from '@vscode/debugprotocol';
import type { DebugScope, DebugVariable } from '../../common/debugContract';
import type { Translator } from '../../common/translator';
import type { EngineClient } from '../../engine/client';

type Filter = DebugProtocol.VariablesArguments['filter'];

/** What of a variable an IDE can show; it says so when it connects. */
export interface VariableDisplay {
  paging: boolean;
  isWatched(dataId: string | null): boolean;
}

/** References from here on are the session's own: a lazy variable's single child, the variable itself. */
const firstLazyReference = 2 ** 30;
/** A client without paging gets no more elements than that. */
const unpagedElements = 1000;

interface ScopeRow {
  title(l10n: Translator, subject: string): string;
  hint?: string;
}

const scopeTable: Readonly<Record<DebugScope['kind'], ScopeRow>> = {
  layer: { title: (l10n, path) => l10n.t('Layer {0}', path), hint: 'arguments' },
  parameter: { title: (l10n, name) => l10n.t('Parameter {0}', name), hint: 'arguments' },
  locals: { title: (l10n) => l10n.t('Locals'), hint: 'locals' },
  globals: { title: (l10n) => l10n.t('Globals') },
  model: { title: (l10n) => l10n.t('Model') },
  gradients: { title: (l10n) => l10n.t('Gradients') },
  optimizer: { title: (l10n) => l10n.t('Optimizer') },
  schedule: { title: (l10n) => l10n.t('Schedule') },
  event: { title: (l10n) => l10n.t('Event') },
};

/** The variables that the IDE was shown since the script came to rest, by their references. */
export class VariableTable {
  /** The frame that a reference was found in. */
  private readonly frames = new Map<number, number>();
  private readonly shown = new Map<string, DebugVariable>();
  private readonly indexedCounts = new Map<number, number>();
  private readonly lazy = new Map<number, { variable: DebugVariable; parent: number }>();
  private nextLazyReference = firstLazyReference;
  display: VariableDisplay = { paging: false, isWatched: () => false };

  constructor(private readonly l10n: Translator) {}

  /** The script moves on: every reference is void. */
  clear(): void {
    this.frames.clear();
    this.shown.clear();
    this.indexedCounts.clear();
    this.lazy.clear();
  }

  frameOf(reference: number): number {
    return this.frames.get(reference) ?? 0;
  }

  /** A variable as it was shown below a reference. */
  find(reference: number, name: string): DebugVariable | null {
    return this.shown.get(`${reference} ${name}`) ?? null;
  }

  /** The reference by which the engine knows a variable's parent. */
  parentOf(reference: number): number {
    return this.lazy.get(reference)?.parent ?? reference;
  }

  scopes(scopes: readonly DebugScope[], frame: number): DebugProtocol.Scope[] {
    return scopes.map(({ kind, subject, reference }, index) => {
      this.frames.set(reference, frame);
      const { title, hint: presentationHint } = scopeTable[kind];
      return {
        name: title(this.l10n, subject),
        variablesReference: reference,
        // What is not expensive is expanded by itself: the scope that lies nearest.
        expensive: index > 0 && kind !== 'locals',
        ...(presentationHint !== undefined && { presentationHint }),
      };
    });
  }

  async variables(
    client: EngineClient,
    { variablesReference, filter, start = 0, count = 0, format }: DebugProtocol.VariablesArguments,
  ): Promise<DebugProtocol.Variable[]> {
    const lazy = this.lazy.get(variablesReference);
    if (lazy) return [this.variable({ ...lazy.variable, lazy: false }, variablesReference, format)];
    const found = await this.read(client, variablesReference, filter, start, count);
    return found.map((variable) => this.variable(variable, variablesReference, format));
  }

  /** The result of an evaluation in a frame. */
  result(variable: DebugVariable, frame: number, format?: DebugProtocol.ValueFormat): DebugProtocol.Variable {
    const shown = this.variable({ ...variable, lazy: false }, 0, format);
    if (variable.reference > 0) this.frames.set(variable.reference, frame);
    return shown;
  }

  private async read(
    client: EngineClient,
    reference: number,
    filter: Filter,
    start: number,
    count: number,
  ): Promise<DebugVariable[]> {
    const ask = (part: 'named' | 'indexed' | null, from: number, length: number): Promise<DebugVariable[]> =>
      client.ask('variables', { reference, filter: part, start: from, count: length });
    const indexed = this.indexedCounts.get(reference) ?? 0;
    if (count > 0 || indexed <= unpagedElements) return ask(filter ?? null, start, count);
    const elements = filter === 'named' ? [] : await ask('indexed', start, unpagedElements);
    return filter === 'indexed' ? elements : [...(await ask('named', 0, 0)), ...elements];
  }

  private variable(
    variable: DebugVariable,
    parent: number,
    format?: DebugProtocol.ValueFormat,
  ): DebugProtocol.Variable {
    const { name, type, reference, named, indexed, evaluateName, lazy, writable, dataId } = variable;
    this.shown.set(`${parent} ${name}`, variable);
    if (reference > 0) {
      this.frames.set(reference, this.frameOf(parent));
      this.indexedCounts.set(reference, indexed);
    }
    const shownReference = lazy && reference > 0 ? this.lazyReference(variable, parent) : reference;
    const attributes = [
      ...(writable ? [] : ['readOnly']),
      ...(this.display.isWatched(dataId) ? ['hasDataBreakpoint'] : []),
    ];
    const paged = this.display.paging && shownReference === reference && reference > 0;
    return {
      name,
      value: formatted(variable, format),
      type,
      variablesReference: shownReference,
      ...(paged && { namedVariables: named, indexedVariables: indexed }),
      ...(evaluateName !== null && { evaluateName }),
      presentationHint: { attributes, ...(shownReference !== reference && { lazy: true }) },
    };
  }

  private lazyReference(variable: DebugVariable, parent: number): number {
    const reference = this.nextLazyReference++;
    this.lazy.set(reference, { variable, parent });
    this.frames.set(reference, this.frameOf(parent));
    return reference;
  }
}

function formatted({ value, type }: DebugVariable, format: DebugProtocol.ValueFormat | undefined): string {
  if (!format?.hex || type !== 'int' || !/^-?\d+$/.test(value)) return value;
  const integer = BigInt(value);
  return integer < 0n ? `-0x${(-integer).toString(16)}` : `0x${integer.toString(16)}`;
}
