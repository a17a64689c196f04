import type { UpdateExplanation } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import { explainStep } from '../core/optim/explanation';
import type { Hyperparameters } from '../core/optim/optimizerRow';
import { optimizerTable } from '../core/optim/optimizerTable';
import type { Value } from '../core/tensor/value';
import type { EventRecord, OptimizerRecord } from '../core/training/eventRecord';
import type { Timeline } from '../core/training/timeline';
import type { TensorReader } from './eventViews';

/**
 * How a step changed one element of a parameter.
 * @throws GradstepError `explain.phase`, `explain.parameter`, `explain.index`, `explain.optimizer`; `timeline.dropped`
 */
export function explainUpdate(
  timeline: Timeline,
  reader: TensorReader,
  event: number,
  parameter: string,
  index: number,
): UpdateExplanation {
  const { record } = timeline.at(event);
  if (record.phase !== 'step') throw refusal('phase', `event ${event} is ${record.phase}, not step`);
  const now = timeline.find({ event, kind: 'parameter', name: parameter });
  const before = event > 0 ? timeline.find({ event: event - 1, kind: 'parameter', name: parameter }) : undefined;
  if (!now || !before) throw refusal('parameter', `no optimizer stepped "${parameter}" at event ${event}`);
  const { optimizer, settings } = groupOf(record, parameter);
  const row = optimizerTable.find(({ name }) => name === optimizer.type);
  if (!row) throw refusal('optimizer', `${optimizer.type} is the script's own: only its result is known`);

  const elements = reader.data(before);
  if (!Number.isInteger(index) || index < 0 || index >= elements.length) {
    throw refusal('index', `${parameter} has no element ${index}: it has ${elements.length}`);
  }
  const element = (value: Value | undefined): number | undefined => {
    if (!value) return undefined;
    const data = reader.data(value);
    return Number(data[data.length === 1 ? 0 : index]);
  };
  const own = record.unedited?.persistent ?? record.persistent;
  const slotOf = (kind: 'parameter' | 'gradient'): Value | undefined =>
    own.find((slot) => slot.kind === kind && slot.name === parameter)?.value;
  const gradient = element(slotOf('gradient'));
  const numbers = { parameter: element(before)!, gradient: gradient ?? 0, state: {} as Record<string, number> };
  for (const { name } of row.stateSlots) {
    const value = element(timeline.find({ event: event - 1, kind: 'state', name: `${parameter}/${name}` }));
    if (value !== undefined) numbers.state[name] = value;
  }
  return {
    optimizer: optimizer.name,
    type: optimizer.type,
    parameter,
    index,
    before: numbers.parameter,
    gradient: gradient ?? null,
    after: element(slotOf('parameter'))!,
    lines: gradient === undefined ? [] : explainStep(row, settings, numbers),
  };
}

/** The optimizer that stepped the parameter, and its settings in that step: before any change that a person made after it. */
function groupOf(record: EventRecord, parameter: string): { optimizer: OptimizerRecord; settings: Hyperparameters } {
  const optimizers = record.unedited?.optimizers ?? record.optimizers;
  const subject = optimizers.filter(({ name }) => name === record.subject);
  for (const optimizer of subject.length > 0 ? subject : optimizers) {
    const group = optimizer.groups.find(({ parameters }) => parameters.includes(parameter));
    if (group) return { optimizer, settings: group.hyperparameters as Hyperparameters };
  }
  throw refusal('parameter', `no optimizer stepped "${parameter}" at event ${record.index}`);
}

function refusal(what: 'phase' | 'parameter' | 'index' | 'optimizer', message: string): GradstepError {
  return new GradstepError(message, { code: `explain.${what}` });
}
