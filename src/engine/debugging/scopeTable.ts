import type { MomentView, ScopeKind } from '../../common/debugContract';
import type { LayerCall } from '../../core/training/recorder';
import type { Timeline } from '../../core/training/timeline';
import type { LiveOptimizer, TrainingState } from '../../core/training/trainingState';
import type { Runtime } from '../../script/interpreter/runtime';
import type { PyInstance, PyValue } from '../../script/objects/value';
import { namedModules, parametersOf } from '../../script/torch/nn/moduleState';
import { modulesOfGlobals } from '../../script/torch/introspection';
import { PyTensor } from '../../script/torch/tensorClass';
import { scheduleViews } from '../scheduleViews';
import { recordedItem, type ReadValue } from './arrayItems';
import type { ShownFrame } from './debugFrames';
import { EventItems, hyperparameterText } from './eventItems';
import { isDefinition, memberOf, type PythonItems } from './pythonItems';
import { groupItem, noAccess, plainItem, type Access, type VariableItem } from './variableItem';

/** What a scope is made of. */
export interface ScopeContext {
  runtime: Runtime;
  state: TrainingState;
  timeline: Timeline;
  python: PythonItems;
  read: ReadValue;
  frame: ShownFrame;
  /** Of the script's function that the frame is in or lies over. */
  functionName: string;
  /** The variables of that function; null where they are no longer kept. */
  names: ReadonlyMap<string, PyValue> | null;
  moment: MomentView;
  /** The call of a forward's layer. */
  layer: LayerCall | null;
}

type ScopeItems = (context: ScopeContext) => VariableItem[];

/** What a debugger's views show, one row each. */
export const scopeTable: Readonly<Record<ScopeKind, ScopeItems>> = {
  layer: layerItems,
  parameter: (context) => eventItems(context).step(context.moment.event, context.moment.name),
  locals: localItems,
  globals: globalItems,
  model: modelItems,
  gradients: gradientItems,
  optimizer: optimizerItems,
  schedule: scheduleItems,
  event: (context) => (context.moment.event < 0 ? [] : eventItems(context).changes(context.moment.event)),
};

const trainingScopes: readonly ScopeKind[] = ['model', 'gradients', 'optimizer', 'schedule'];

/** What lies nearest to the frame comes first. */
export function scopesOfFrame({ frame, functionName }: ScopeContext): ScopeKind[] {
  const variableScopes: ScopeKind[] = functionName === '<module>' ? ['globals'] : ['locals', 'globals'];
  switch (frame.kind) {
    case 'script':
      return [...variableScopes, ...trainingScopes, 'event'];
    case 'phase':
      return ['event', ...variableScopes, ...trainingScopes];
    case 'layer':
    case 'parameter':
      return [frame.kind, 'event', ...variableScopes, ...trainingScopes];
  }
}

/** Set Value on what is no local variable happens in the module's frame, where nothing hides the globals. */
export function isOfFunction(kind: ScopeKind, functionName: string): boolean {
  return kind === 'locals' && functionName !== '<module>';
}

function eventItems({ timeline, read }: ScopeContext): EventItems {
  return new EventItems(timeline, read);
}

function localItems(context: ScopeContext): VariableItem[] {
  return context.names ? variables(context, context.names, context.functionName) : [forgotten];
}

/** What the globals are now would pass for what they were. */
function globalItems(context: ScopeContext): VariableItem[] {
  return context.names ? variables(context, context.runtime.globals, '<module>') : [forgotten];
}

const forgotten = plainItem('variables', 'no longer kept: the last few thousand moments have theirs');

function variables(
  { python }: ScopeContext,
  names: ReadonlyMap<string, PyValue>,
  functionName: string,
): VariableItem[] {
  const visible = [...names].filter(([name]) => !/^__.*__$/.test(name));
  const items = (entries: typeof visible): VariableItem[] =>
    entries.map(([name, value]) =>
      python.item(name, value, { evaluateName: name, target: name, dataId: `variable:${functionName}:${name}` }),
    );
  const definitions = visible.filter(([, value]) => isDefinition(value));
  const group = groupItem('functions, classes and modules', '', definitions.length, () => items(definitions));
  return [...items(visible.filter(([, value]) => !isDefinition(value))), ...(definitions.length > 0 ? [group] : [])];
}

function named(expression: string): Access {
  return { evaluateName: expression, target: null, dataId: null };
}

function modelItems({ runtime, python }: ScopeContext): VariableItem[] {
  return modulesOfGlobals(runtime).map(({ name, module }) => python.item(name, module, named(name)));
}

/** The Python expression of each parameter of the global modules. */
function parameterExpressions(runtime: Runtime): Map<PyValue, string> {
  const expressions = new Map<PyValue, string>();
  for (const { name: root, module: top } of modulesOfGlobals(runtime)) {
    for (const { name: path, module } of namedModules(top)) {
      for (const [key, value] of parametersOf(module)?.items() ?? []) {
        if (value === null || expressions.has(value)) continue;
        expressions.set(value, memberOf(pathAccess(root, path), String(key)).evaluateName!);
      }
    }
  }
  for (const [name, value] of runtime.globals) if (!expressions.has(value)) expressions.set(value, name);
  return expressions;
}

/** `model.layers[0]` for `layers.0` in `model` */
function pathAccess(root: string, path: string): Access {
  return path
    .split('.')
    .filter((part) => part !== '')
    .reduce((access, part) => memberOf(access, part), named(root));
}

function gradientItems({ runtime, state, python }: ScopeContext): VariableItem[] {
  const expressions = new Map<object, string>();
  for (const [value, expression] of parameterExpressions(runtime)) {
    if (value instanceof PyTensor) expressions.set(value.tensor, expression);
  }
  const owned = new Set(state.parameters().map(([, parameter]) => parameter));
  const others = state
    .optimizers()
    .flatMap(({ groups }) => groups.flatMap(({ parameters }) => parameters))
    .filter((parameter) => !owned.has(parameter))
    .map((parameter, i) => [state.nameOf(parameter) ?? `parameter ${i}`, parameter] as const);
  return [...state.parameters(), ...others].map(([name, parameter]) => {
    const expression = expressions.get(parameter);
    const evaluateName = expression === undefined ? null : `${expression}.grad`;
    const dataId = `gradient:${name}`;
    const { grad } = parameter;
    const access = { evaluateName, target: evaluateName, dataId };
    return grad
      ? python.tensorItem(name, grad, access, dataId)
      : { ...plainItem(name, 'None', 'NoneType'), access: { ...access, target: null } };
  });
}

function optimizerItems(context: ScopeContext): VariableItem[] {
  return context.state.optimizers().map((optimizer) => {
    const { name, type, groups } = optimizer;
    const rates = groups.map((group) => hyperparameterText(group.hyperparameters()['lr'])).join(', ');
    const text = `${type} · ${groups.length} ${groups.length === 1 ? 'group' : 'groups'} · lr ${rates}`;
    const items = (): VariableItem[] => [
      ...groups.map((_group, index) => groupOf(optimizer, index)),
      stateOf(context, optimizer),
    ];
    return { ...groupItem(name, text, groups.length + 1, items, type), access: named(name) };
  });
}

function groupOf({ name: optimizer, groups }: LiveOptimizer, index: number): VariableItem {
  const group = groups[index]!;
  const entries = Object.entries(group.hyperparameters());
  const expression = `${optimizer}.param_groups[${index}]`;
  const items = (): VariableItem[] =>
    entries.map(([name, value]) => {
      const own = `${expression}['${name}']`;
      const dataId = name === 'lr' ? `lr:${optimizer}:${index}` : `variable:<module>:${own}`;
      const type = Array.isArray(value) ? 'tuple' : '';
      return {
        ...plainItem(name, hyperparameterText(value), type),
        access: { evaluateName: own, target: own, dataId },
      };
    });
  const text = entries
    .filter(([, value]) => typeof value === 'number' && value !== 0)
    .map(([name, value]) => `${name} ${hyperparameterText(value)}`)
    .join(' · ');
  return {
    ...groupItem(`group ${index}`, `${group.parameters.length} parameters · ${text}`, entries.length, items),
    access: named(expression),
  };
}

function stateOf({ runtime, state, python }: ScopeContext, optimizer: LiveOptimizer): VariableItem {
  const nameOf = new Map(state.parameters().map(([name, parameter]) => [parameter, name]));
  const expressions = parameterExpressions(runtime);
  const expressionOf = new Map(
    [...expressions].flatMap(([value, expression]) => (value instanceof PyTensor ? [[value.tensor, expression]] : [])),
  );
  const items = optimizer.groups
    .flatMap(({ parameters }) => parameters)
    .flatMap((parameter, i) => {
      const slots = [...optimizer.state(parameter)];
      if (slots.length === 0) return [];
      const expression = expressionOf.get(parameter);
      const title = nameOf.get(parameter) ?? state.nameOf(parameter) ?? `parameter ${i}`;
      const inside = (): VariableItem[] =>
        slots.map(([slot, tensor]) => {
          const own = expression === undefined ? null : `${optimizer.name}.state[${expression}]['${slot}']`;
          return python.tensorItem(slot, tensor, own === null ? noAccess : named(own), '');
        });
      return [groupItem(title, slots.map(([slot]) => slot).join(', '), slots.length, inside)];
    });
  return items.length === 0
    ? plainItem('state', 'empty: no step yet')
    : groupItem('state', `of ${items.length} parameters`, items.length, () => items);
}

function scheduleItems({ state, timeline, moment }: ScopeContext): VariableItem[] {
  if (moment.event < 0) {
    return state.schedulers().map(({ name, schedule }) => plainItem(name, schedule.row.name, schedule.row.name));
  }
  return scheduleViews(timeline, moment.event).map((view) => {
    const { optimizer, group, scheduler, type, settings, past, future, nextChange } = view;
    const lr = past.at(-1);
    const change = nextChange ? `${short(nextChange.to)} in ${nextChange.inSteps} steps` : 'no change ahead';
    const title = scheduler === null ? `${optimizer} group ${group}` : `${scheduler} (${optimizer} group ${group})`;
    const rates = (name: string, values: readonly number[]): VariableItem =>
      groupItem(name, `${values.length} rates`, values.length, () =>
        values.map((rate, i) => plainItem(String(i), short(rate), 'float')),
      );
    const items = [
      plainItem('lr', short(lr ?? Number.NaN), 'float'),
      plainItem('scheduler', type ?? 'None', type ?? ''),
      ...Object.entries(settings).map(([name, value]) => plainItem(name, hyperparameterText(value))),
      plainItem('steps so far', String(past.length - 1), 'int'),
      plainItem('next change', change),
      rates('past', past),
      rates('future', future),
    ];
    const text = `lr ${short(lr ?? Number.NaN)} · ${type ?? 'no scheduler'}${scheduler === null ? '' : ` · ${change}`}`;
    return groupItem(title, text, items.length, () => items, type ?? '');
  });
}

/** Of a rate no digit is lost. */
function short(rate: number): string {
  return hyperparameterText(rate);
}

/** A layer's inputs, outputs, weights and gradients, and how it is set. */
function layerItems(context: ScopeContext): VariableItem[] {
  const { layer, moment, python, read, timeline } = context;
  const recorded = new EventItems(timeline, read);
  const found = moduleAt(context.runtime, moment.name);
  const members = found ? python.item(found.expression, found.module, named(found.expression)).children : null;
  const inside = members?.namedItems() ?? [];
  const tensors = inside.filter(({ type }) => type === 'Parameter');
  const gradients = tensors.flatMap(({ name, children }) => {
    const gradient = children?.namedItems().find((item) => item.name === 'grad');
    return gradient ? [{ ...gradient, name: `${name}.grad` }] : [];
  });
  return [
    ...(layer ? callItems(context, layer) : tensorsOfBackward(recorded, context)),
    ...tensors,
    ...gradients,
    ...inside.filter(({ type }) => type !== 'Parameter'),
  ];
}

function callItems({ python }: ScopeContext, { inputs, output }: LayerCall): VariableItem[] {
  return [
    ...inputs.map((input, i) => python.tensorItem(inputs.length === 1 ? 'input' : `input ${i}`, input, noAccess, '')),
    python.tensorItem('output', output, noAccess, ''),
  ];
}

function tensorsOfBackward(recorded: EventItems, { moment, read }: ScopeContext): VariableItem[] {
  const { event, name } = moment;
  if (event < 0) return [];
  const output = recorded.layerTensor(event, 'layer', name);
  const gradient = recorded.layerTensor(event, 'layerGradient', name);
  return [
    ...(output ? [recordedItem('output', output, read)] : []),
    ...(gradient ? [recordedItem('gradient of the output', gradient, read)] : []),
  ];
}

function moduleAt(runtime: Runtime, path: string): { expression: string; module: PyInstance } | null {
  for (const { name: root, module: top } of modulesOfGlobals(runtime)) {
    const own = namedModules(top).find(({ name }) => name === path);
    if (own) return { expression: pathAccess(root, path).evaluateName!, module: own.module };
    // A layer that is no part of another module is called by its class.
    if (top.pyClass.name === path) return { expression: root, module: top };
  }
  return null;
}
