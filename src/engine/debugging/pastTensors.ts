import type { Schedule, ScheduleState } from '../../core/lrScheduler/schedule';
import type { FrozenSchedule } from '../../core/lrScheduler/frozenSchedule';
import { Tensor } from '../../core/tensor/tensor';
import type { Value } from '../../core/tensor/value';
import type { EventRecord } from '../../core/training/eventRecord';
import type { Timeline } from '../../core/training/timeline';
import type { TrainingState } from '../../core/training/trainingState';

type Undo = () => void;

/**
 * Runs `body` with the training's objects as they were right after an event: parameters, gradients, buffers, the
 * optimizers' state and the schedulers. Before the first event, and where its tensors are dropped, nothing is changed.
 */
export function withEventTensors<T>(state: TrainingState, timeline: Timeline, event: number, body: () => T): T {
  const entry = event < 0 ? null : timeline.at(event);
  if (!entry || entry.dropped) return body();
  const undo = [...restoreTensors(state, entry.record), ...restoreSchedules(state, entry.record)];
  try {
    return body();
  } finally {
    for (const step of undo.reverse()) step();
  }
}

function restoreTensors(state: TrainingState, { persistent }: EventRecord): Undo[] {
  const values = new Map(persistent.map(({ kind, name, value }) => [`${kind} ${name}`, value]));
  const restored = new Set<Tensor>();
  const undo: Undo[] = [];
  const restore = (kind: string, name: string, tensor: Tensor): void => {
    const value = values.get(`${kind} ${name}`);
    if (value && !restored.has(tensor)) undo.push(withValue(tensor, value));
    restored.add(tensor);
  };
  const restoreParameter = (name: string, parameter: Tensor): void => {
    const isKnown = restored.has(parameter);
    restore('parameter', name, parameter);
    if (!isKnown) undo.push(withGradient(parameter, values.get(`gradient ${name}`) ?? null));
  };
  const nameOf = new Map<Tensor, string>();
  for (const [name, parameter] of state.parameters()) {
    nameOf.set(parameter, name);
    restoreParameter(name, parameter);
  }
  for (const [name, buffer] of state.buffers()) restore('buffer', name, buffer);
  for (const optimizer of state.optimizers()) {
    let unnamed = 0;
    for (const parameter of optimizer.groups.flatMap(({ parameters }) => parameters)) {
      const name = nameOf.get(parameter) ?? state.nameOf(parameter) ?? `${optimizer.name}[${unnamed++}]`;
      if (!nameOf.has(parameter)) restoreParameter(name, parameter);
      for (const [slot, tensor] of optimizer.state(parameter)) restore('state', `${name}/${slot}`, tensor);
    }
  }
  return undo;
}

function withValue({ storage }: Tensor, value: Value): Undo {
  const before = storage.value;
  storage.value = value;
  return () => void (storage.value = before);
}

function withGradient(parameter: Tensor, value: Value | null): Undo {
  const { grad } = parameter;
  if (grad && value) return withValue(grad, value);
  parameter.grad = value && new Tensor(parameter.tape, value);
  return () => void (parameter.grad = grad);
}

function restoreSchedules(state: TrainingState, { schedules }: EventRecord): Undo[] {
  return state.schedulers().flatMap(({ name, schedule }) => {
    const record = schedules.find((candidate) => candidate.name === name);
    return record ? withSchedule(schedule, record.schedule) : [];
  });
}

function withSchedule(schedule: Schedule, frozen: FrozenSchedule): Undo[] {
  const before: ScheduleState = schedule.state;
  schedule.state = { ...frozen.state };
  const children = schedule.children.flatMap((child, i) => {
    const own = frozen.children[i];
    return own ? withSchedule(child, own) : [];
  });
  return [...children, () => void (schedule.state = before)];
}
