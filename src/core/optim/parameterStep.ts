import { precisePow } from '../../common/preciseMath';
import { dtypeTable, elementCount, isFloating, type DType } from '../tensor/dtype';
import type { Tape } from '../tensor/tape';
import { Tensor } from '../tensor/tensor';
import type { Value } from '../tensor/value';
import type { Hyperparameters, OptimizerRow, StateSlot } from './optimizerRow';

/** What an optimizer keeps for one parameter, by PyTorch's keys; `step` is a scalar tensor. */
export interface ParameterState {
  get(name: string): Tensor | undefined;
  set(name: string, tensor: Tensor): void;
}

/** The numbers that one optimizer step feeds: parameters that need the same number share its input. */
export class FedNumbers {
  private readonly values = new Map<string, Value>();
  private readonly powers = new Map<number, { exponent: number; power: number }>();

  constructor(private readonly tape: Tape) {}

  power(base: number, exponent: number): number {
    const known = this.powers.get(base);
    if (known?.exponent === exponent) return known.power;
    const power = precisePow(base, exponent);
    this.powers.set(base, { exponent, power });
    return power;
  }

  get(name: string, value: number, dtype: DType): Value {
    const key = `${dtype} ${name} ${value}`;
    let fed = this.values.get(key);
    if (!fed) {
      fed = this.tape.feedScalar(value, isFloating(dtype) ? dtype : 'float32');
      fed.label = name;
      this.values.set(key, fed);
    }
    return fed;
  }
}

/** Creates the state that exists before the first step. */
export function initializeState(
  tape: Tape,
  row: OptimizerRow,
  settings: Hyperparameters,
  parameter: Tensor,
  state: ParameterState,
): void {
  if (!row.stateSlots.some((slot) => typeof slot.initial === 'object')) return;
  for (const slot of row.stateSlots) createSlot(tape, slot, settings, parameter, state);
}

/**
 * One optimizer step of one parameter that has a gradient: appends the update to the tape and writes the parameter
 * and its state. Nothing runs yet.
 */
export function stepParameter(
  tape: Tape,
  row: OptimizerRow,
  settings: Hyperparameters,
  parameter: Tensor,
  state: ParameterState,
  numbers: FedNumbers,
): void {
  const slots = row.stateSlots.filter((slot) => slot.used(settings));
  for (const slot of slots) createSlot(tape, slot, settings, parameter, state);
  const step = advance(tape, slots, state);
  const dtype = parameter.dtype;
  const updated = tape.withoutGrad(() =>
    tape.inModule(parameter.name ?? '', () =>
      tape.inRole('optimizer', undefined, () =>
        tape.inOperation(row.name, () =>
          row.update(
            {
              parameter: parameter.value,
              gradient: parameter.grad!.value,
              step,
              state: (name) => state.get(name)?.value ?? null,
              setState: (name, value) => writeState(tape, parameter, state, name, value),
              emit: (op, ...inputs) => tape.emitOne(op, inputs),
              number: (name, value) => numbers.get(name, value, dtype),
              powerOfStep: (base) => numbers.power(base, step),
            },
            settings,
          ),
        ),
      ),
    ),
  );
  parameter.overwrite(updated);
}

function createSlot(
  tape: Tape,
  slot: StateSlot,
  settings: Hyperparameters,
  parameter: Tensor,
  state: ParameterState,
): void {
  if (slot.initial === 'gradient' || state.get(slot.name)) return;
  if (slot.initial === 'count') {
    state.set(slot.name, Tensor.fromData(tape, Float32Array.of(0), [], 'float32'));
    return;
  }
  const data = dtypeTable[parameter.dtype].allocate(elementCount(parameter.shape));
  if (typeof slot.initial === 'object') (data as Float32Array).fill(Number(settings[slot.initial.filledWith]));
  state.set(slot.name, namedState(parameter, slot.name, Tensor.fromData(tape, data, parameter.shape, parameter.dtype)));
}

/** Counts the step; the count is data, not a graph. */
function advance(tape: Tape, slots: readonly StateSlot[], state: ParameterState): number {
  const counter = slots.find((slot) => slot.initial === 'count');
  if (!counter) return 0;
  const tensor = state.get(counter.name)!;
  const step = Number(tensor.data[0]) + 1;
  tensor.overwrite(tape.feedScalar(step, 'float32'));
  return step;
}

function writeState(tape: Tape, parameter: Tensor, state: ParameterState, name: string, value: Value): void {
  const existing = state.get(name);
  value.keep = true;
  if (existing) existing.overwrite(value);
  else state.set(name, namedState(parameter, name, new Tensor(tape, value)));
}

function namedState(parameter: Tensor, slot: string, tensor: Tensor): Tensor {
  tensor.name = parameter.name === null ? slot : `${parameter.name}.${slot}`;
  return tensor;
}
