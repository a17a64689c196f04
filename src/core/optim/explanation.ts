import type { ExplanationLine } from '../../common/engineContract';
import { evaluate, substitute } from './expression';
import type { Hyperparameters, OptimizerRow } from './optimizerRow';

/** One element before an optimizer's step. */
export interface ElementNumbers {
  parameter: number;
  gradient: number;
  /** The state's slots as they were; a slot that didn't exist yet is left out. */
  state: Readonly<Record<string, number>>;
}

/**
 * An optimizer's step of one element, line by line, in double precision: the last line's value is the parameter's new
 * one, up to the rounding of the parameter's dtype.
 */
export function explainStep(row: OptimizerRow, settings: Hyperparameters, numbers: ElementNumbers): ExplanationLine[] {
  const scope = new Map<string, number>();
  for (const [name, value] of Object.entries(settings)) {
    if (Array.isArray(value)) value.forEach((item, i) => scope.set(`${name.replace(/s$/, '')}${i + 1}`, Number(item)));
    else if (value !== null && typeof value !== 'boolean') scope.set(name, Number(value));
  }
  scope.set('p', numbers.parameter);
  scope.set('grad', numbers.gradient);
  for (const slot of row.stateSlots) {
    const value = numbers.state[slot.name] ?? initialNumber(slot.initial, settings);
    if (slot.initial === 'count') scope.set('t', value! + 1);
    else if (value !== undefined) scope.set(row.symbols[slot.name] ?? slot.name, value);
  }
  const firstUpdate = row.stateSlots.some(({ name, initial }) => initial === 'gradient' && !(name in numbers.state));
  return row.formula(settings, firstUpdate).map((line) => {
    const [name, expression] = line.split(' = ') as [string, string];
    const value = evaluate(expression, scope);
    const substituted = substitute(expression, scope);
    scope.set(name, value);
    return { name, expression, substituted, value };
  });
}

function initialNumber(
  initial: OptimizerRow['stateSlots'][number]['initial'],
  settings: Hyperparameters,
): number | undefined {
  if (initial === 'gradient') return undefined;
  return typeof initial === 'object' ? Number(settings[initial.filledWith]) : 0;
}
