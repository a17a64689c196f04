import type { HyperparameterValue } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import type { Hyperparameters } from '../core/optim/optimizerRow';
import { optimizerTable } from '../core/optim/optimizerTable';
import type { Tensor } from '../core/tensor/tensor';
import type { LiveGroup, LiveOptimizer, LiveScheduler, TrainingState } from '../core/training/trainingState';
import { PyDict, PyList, PyTuple } from '../script/objects/containers';
import type { Interpreter } from '../script/objects/interpreter';
import type { PyInstance, PyValue } from '../script/objects/value';
import { classNamesOfGlobals } from '../script/torch/data/introspection';
import { namedBuffersOfGlobals, namedParametersOfGlobals } from '../script/torch/introspection';
import { optimizersOfGlobals, schedulersOfGlobals } from '../script/torch/optim/introspection';
import { parameterGroupsOf, tensorsOfGroup } from '../script/torch/optim/optimizerClass';
import { settingsOfGroup } from '../script/torch/optim/settings';
import { PyTensor } from '../script/torch/tensorClass';

const noSchedulers: readonly LiveScheduler[] = [];
const noState: readonly (readonly [string, Tensor])[] = [];

/** What scripts call it: the first that holds a number is shown. */
const accuracyNames = ['', 'val_', 'valid_', 'test_', 'eval_', 'train_'].flatMap((prefix) => [
  `${prefix}accuracy`,
  `${prefix}acc`,
]);

/** The training objects in a script's globals. */
export class ScriptState implements TrainingState {
  constructor(private readonly interpreter: Interpreter) {}

  parameters(): readonly (readonly [string, Tensor])[] {
    return namedParametersOfGlobals(this.interpreter);
  }

  buffers(): readonly (readonly [string, Tensor])[] {
    return namedBuffersOfGlobals(this.interpreter);
  }

  optimizers(): readonly LiveOptimizer[] {
    return optimizersOfGlobals(this.interpreter).map(({ name, instance }) => new ScriptOptimizer(name, instance));
  }

  schedulers(): readonly LiveScheduler[] {
    const all = schedulersOfGlobals(this.interpreter);
    if (all.length === 0) return noSchedulers;
    const optimizers = optimizersOfGlobals(this.interpreter);
    const parts = new Set(all.flatMap(({ schedule }) => schedule.children));
    return all.flatMap(({ name, instance, schedule }) => {
      const driven = instance.attributes.get('optimizer');
      const optimizer = optimizers.find((candidate) => candidate.instance === driven)?.name;
      return optimizer === undefined || parts.has(schedule) ? [] : [{ name, optimizer, schedule }];
    });
  }

  accuracy(): number | null {
    for (const name of accuracyNames) {
      const value = this.interpreter.globals.get(name);
      if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
      if (!(value instanceof PyTensor)) continue;
      const { data } = value.tensor.value;
      if (data?.length === 1) return Number(data[0]);
    }
    return null;
  }

  classNames(): readonly string[] | undefined {
    return classNamesOfGlobals(this.interpreter);
  }

  nameOf(tensor: Tensor): string | undefined {
    for (const [name, value] of this.interpreter.globals) {
      if (value instanceof PyTensor && value.tensor === tensor) return name;
    }
    return undefined;
  }
}

class ScriptOptimizer implements LiveOptimizer {
  readonly groups: readonly LiveGroup[];
  readonly type: string;
  readonly object: object;
  private states: ReadonlyMap<Tensor, readonly (readonly [string, Tensor])[]> | null = null;

  constructor(
    readonly name: string,
    private readonly instance: PyInstance,
  ) {
    this.type = instance.pyClass.name;
    this.object = instance;
    this.groups = parameterGroupsOf(instance).map((group) => new ScriptGroup(group, this.type));
  }

  state(parameter: Tensor): Iterable<readonly [string, Tensor]> {
    this.states ??= statesByParameter(this.instance);
    return this.states.get(parameter) ?? noState;
  }
}

/** The tensors in an optimizer's `state`, by parameter and slot. */
function statesByParameter({ attributes }: PyInstance): Map<Tensor, [string, Tensor][]> {
  const states = new Map<Tensor, [string, Tensor][]>();
  const state = attributes.get('state');
  if (!(state instanceof PyDict)) return states;
  for (const [parameter, slots] of state.liveEntries()) {
    if (!(parameter instanceof PyTensor) || !(slots instanceof PyDict)) continue;
    const tensors: [string, Tensor][] = [];
    for (const [slot, value] of slots.liveEntries()) {
      if (value instanceof PyTensor) tensors.push([String(slot), value.tensor]);
    }
    states.set(parameter.tensor, tensors);
  }
  return states;
}

class ScriptGroup implements LiveGroup {
  readonly parameters: readonly Tensor[];

  constructor(
    private readonly group: PyDict,
    private readonly type: string,
  ) {
    this.parameters = tensorsOfGroup(group);
  }

  hyperparameters(): Record<string, HyperparameterValue> {
    const values: Record<string, HyperparameterValue> = {};
    for (const [name, value] of this.group.liveEntries()) {
      if (name !== 'params' && name !== 'param_names') values[String(name)] = plain(value);
    }
    return values;
  }

  setHyperparameter(name: string, value: HyperparameterValue): void {
    const before = this.group.get(name) ?? null;
    this.group.set(name, likeBefore(value, before));
    const row = optimizerTable.find((candidate) => candidate.name === this.type);
    if (!row) return;
    try {
      const settings: Hyperparameters = settingsOfGroup(this.group, row);
      row.validate(settings);
    } catch (error) {
      this.group.set(name, before);
      throw error;
    }
  }
}

function plain(value: PyValue): HyperparameterValue {
  if (value instanceof PyTuple || value instanceof PyList) return value.items.map(plain);
  if (value instanceof PyTensor) return Number(value.tensor.data[0]);
  return value === null || typeof value !== 'object' ? value : null;
}

/** Keeps the Python type that the hyperparameter has: an int may become a float, a tuple stays one. */
function likeBefore(value: HyperparameterValue, before: PyValue): PyValue {
  if (Array.isArray(value)) return new PyTuple(value.map((item) => likeBefore(item, null)));
  const wrong =
    (typeof before === 'boolean' && typeof value !== 'boolean') ||
    (typeof before === 'number' && typeof value !== 'number' && typeof value !== 'bigint');
  if (wrong) {
    throw new GradstepError(`${String(value)} is no ${typeof before === 'boolean' ? 'bool' : 'number'}`, {
      code: 'edit.value',
    });
  }
  return value as PyValue;
}
