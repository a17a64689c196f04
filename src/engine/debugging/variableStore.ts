import type { DebugQueryContract, DebugScope, DebugVariable, MomentView, ScopeKind } from '../../common/debugContract';
import { GradstepError } from '../../common/errors';
import type { LayerCall } from '../../core/training/recorder';
import type { Timeline } from '../../core/training/timeline';
import type { TrainingState } from '../../core/training/trainingState';
import { parseExpression } from '../../script/debugging/evaluation';
import type { Runtime } from '../../script/interpreter/runtime';
import type { PyValue } from '../../script/objects/value';
import type { TensorReader } from '../eventViews';
import type { ShownFrame } from './debugFrames';
import { PythonItems } from './pythonItems';
import { isOfFunction, scopesOfFrame, scopeTable, type ScopeContext } from './scopeTable';
import { childrenOf, type Children, type VariableItem } from './variableItem';

export interface StoreParts {
  runtime: Runtime;
  state: TrainingState;
  timeline: () => Timeline;
  reader: TensorReader;
}

/** The frame that something is looked at in. */
export interface FrameOfVariables {
  frame: ShownFrame;
  functionName: string;
  /** Null where they are no longer kept. */
  names: ReadonlyMap<string, PyValue> | null;
  /** Of the script's frames the module's. */
  moduleFrame: number;
}

interface Reference {
  children: Children;
  /** Of the script's frames the one that assignments happen in. */
  scriptFrame: number;
}

/** A client without pages gets no more elements than that at once. */
const mostUnasked = 1000;

/** What a client has references to: valid until the script moves. */
export class VariableStore {
  private readonly references = new Map<number, Reference>();
  private readonly python: PythonItems;
  /** References are never used twice: a stale one is told from a new one. */
  private next = 1;

  constructor(private readonly parts: StoreParts) {
    const { runtime, state, reader } = parts;
    this.python = new PythonItems(runtime, state, (value) => reader.data(value));
  }

  clear(): void {
    this.references.clear();
  }

  scopes(at: FrameOfVariables & { moment: MomentView; layer: LayerCall | null }): DebugScope[] {
    const { runtime, state, timeline, reader } = this.parts;
    const context: ScopeContext = {
      ...at,
      runtime,
      state,
      timeline: timeline(),
      python: this.python,
      read: (value) => reader.data(value),
    };
    return scopesOfFrame(context).map((kind) => this.scope(kind, context, at));
  }

  /** @throws GradstepError `debug.reference` */
  children({ reference, filter, start, count }: DebugQueryContract['variables']['request']): DebugVariable[] {
    const { children, scriptFrame } = this.find(reference);
    const named = filter === 'indexed' ? [] : children.namedItems();
    const indexed = filter === 'named' ? 0 : children.indexed;
    const end = count > 0 ? start + count : named.length + Math.min(indexed, mostUnasked);
    const items: VariableItem[] = named.slice(start, end);
    const last = Math.min(end - named.length, indexed);
    for (let i = Math.max(0, start - named.length); i < last; i++) items.push(children.indexedItem(i));
    return items.map((item) => this.variable(item, scriptFrame));
  }

  /** The result of an evaluation. */
  view(
    expression: string,
    value: PyValue,
    { frame, functionName, names, moduleFrame }: FrameOfVariables,
  ): DebugVariable {
    const target = isAssignable(expression) ? expression : null;
    const dataId = `variable:${ownerOf(expression, functionName, names)}:${expression}`;
    const item = this.python.item(expression, value, { evaluateName: expression, target, dataId });
    return this.variable(item, functionName === '<module>' ? moduleFrame : frame.scriptIndex);
  }

  /**
   * The statement that sets a variable.
   * @throws GradstepError `debug.readOnly`, `debug.reference`, `debug.syntax`
   */
  assignment(reference: number, name: string, value: string): { source: string; frame: number } {
    const { target } = this.item(reference, name).access;
    if (target === null) {
      throw new GradstepError(`${name} can't be set`, {
        code: 'debug.readOnly',
        hint: 'Numbers, learning rates, elements of tensors and variables can.',
      });
    }
    parseExpression(value);
    return { source: `${target} = ${value}`, frame: this.find(reference).scriptFrame };
  }

  /** What a data breakpoint on it would watch. */
  watchable(reference: number, name: string, at: FrameOfVariables): DebugQueryContract['dataBreakpointInfo']['reply'] {
    const dataId = reference === 0 ? expressionId(name, at) : this.item(reference, name).access.dataId;
    return dataId === null || dataId === ''
      ? { dataId: null, description: `${name} can't be watched: it is no variable of the script.` }
      : { dataId, description: name };
  }

  private scope(
    kind: ScopeKind,
    context: ScopeContext,
    { frame, functionName, moduleFrame }: FrameOfVariables,
  ): DebugScope {
    const scriptFrame = isOfFunction(kind, functionName) ? frame.scriptIndex : moduleFrame;
    const reference = this.refer({ children: childrenOf(0, () => scopeTable[kind](context)), scriptFrame });
    const subject = kind === 'layer' || kind === 'parameter' ? context.moment.name : '';
    return { kind, subject, reference };
  }

  private variable({ name, text, type, children, access }: VariableItem, scriptFrame: number): DebugVariable {
    return {
      name,
      value: text,
      type,
      reference: children ? this.refer({ children, scriptFrame }) : 0,
      named: children?.named ?? 0,
      indexed: children?.indexed ?? 0,
      evaluateName: access.evaluateName,
      lazy: false,
      writable: access.target !== null,
      dataId: access.dataId === '' ? null : access.dataId,
    };
  }

  private refer(reference: Reference): number {
    this.references.set(this.next, reference);
    return this.next++;
  }

  private find(reference: number): Reference {
    const found = this.references.get(reference);
    if (found) return found;
    throw new GradstepError('the script has moved on: these variables are no longer there', {
      code: 'debug.reference',
      hint: 'Expand the scope again.',
    });
  }

  private item(reference: number, name: string): VariableItem {
    const { children } = this.find(reference);
    const named = children.namedItems().find((item) => item.name === name);
    if (named) return named;
    const index = /^\d+$/.test(name) ? Number(name) : -1;
    if (index >= 0 && index < children.indexed) return children.indexedItem(index);
    throw new GradstepError(`there is no variable ${name} there`, { code: 'debug.noVariable' });
  }
}

function isAssignable(expression: string): boolean {
  const { kind } = parseExpression(expression);
  return kind === 'name' || kind === 'attribute' || kind === 'subscript';
}

/** @throws GradstepError `debug.syntax` */
function expressionId(expression: string, { functionName, names }: FrameOfVariables): string {
  parseExpression(expression);
  return `variable:${ownerOf(expression, functionName, names)}:${expression}`;
}

/** The function whose variable an expression begins with. */
function ownerOf(expression: string, functionName: string, names: FrameOfVariables['names']): string {
  const [first = ''] = /[\p{L}_][\p{L}\p{N}_]*/u.exec(expression) ?? [];
  return names?.has(first) ? functionName : '<module>';
}
