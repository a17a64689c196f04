import type { ParameterGroup, ScheduledOptimizer } from '../../../core/lrScheduler/schedule';
import { PyDict } from '../../objects/containers';
import type { PyInstance } from '../../objects/value';
import { type PyValue } from '../../objects/value';
import { parameterGroupsOf, type OptimizerState } from './optimizerClass';
import { settingFromPython, settingToPython } from './settings';

const views = new WeakMap<PyInstance, OptimizerView>();

/** The view of an optimizer: the same one each time, so that schedulers see whether they share it. */
export function viewOptimizer(instance: PyInstance): OptimizerView {
  let view = views.get(instance);
  if (!view) {
    view = new OptimizerView(instance);
    views.set(instance, view);
  }
  return view;
}

/** An optimizer of the script as a scheduler sees it: reads and writes go straight to its `param_groups`. */
class OptimizerView implements ScheduledOptimizer {
  constructor(readonly instance: PyInstance) {}

  get name(): string {
    return this.instance.pyClass.name;
  }

  get paramGroups(): ParameterGroup[] {
    return parameterGroupsOf(this.instance).map(groupView);
  }

  get defaults(): Readonly<Record<string, unknown>> {
    const defaults = this.instance.attributes.get('defaults');
    if (!(defaults instanceof PyDict)) return {};
    return Object.fromEntries(defaults.items().map(([name, value]) => [String(name), value]));
  }

  get stepTracked(): boolean {
    return this.state.stepTracked;
  }

  set stepTracked(tracked: boolean) {
    this.state.stepTracked = tracked;
  }

  get stepCalled(): boolean {
    return this.state.stepCalled;
  }

  set stepCalled(called: boolean) {
    this.state.stepCalled = called;
  }

  get stepOverridden(): boolean {
    return this.instance.attributes.has('step');
  }

  private get state(): OptimizerState {
    return this.instance.native as OptimizerState;
  }
}

function groupView(group: PyDict): ParameterGroup {
  return new Proxy({} as ParameterGroup, {
    get: (_target, name) => {
      const value = group.get(String(name));
      return value === undefined ? undefined : numeric(value);
    },
    has: (_target, name) => group.has(String(name)),
    set: (_target, name, value) => {
      group.set(String(name), settingToPython(value));
      return true;
    },
  });
}

function numeric(value: PyValue): unknown {
  const setting = settingFromPython(value);
  if (Array.isArray(setting)) return setting.map(Number);
  return typeof setting === 'bigint' ? Number(setting) : setting;
}
