import { precisePow } from '../../common/preciseMath';
import { dtypeTable, elementCount, isFloating, type DType } from '../tensor/dtype';
import { apart, joined } from '../tensor/joining';
import type { Tape } from '../tensor/tape';
import { Tensor, type Storage } from '../tensor/tensor';
import type { Value } from '../tensor/value';
import type { Hyperparameters, OptimizerRow, StateSlot, Update } from './optimizerRow';

/** Elements: more take longer to copy into a vector than an update of their own does. */
const largestJoined = 1 << 16;

/** What an optimizer keeps for one parameter, by PyTorch's keys; `step` is a scalar tensor. */
export interface ParameterState {
  get(name: string): Tensor | undefined;
  set(name: string, tensor: Tensor): void;
}

/** The numbers that one optimizer step feeds: parameters that need the same number share its input. */
class FedNumbers {
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

/** A parameter that has a gradient, and what the optimizer keeps for it. */
export interface Stepped {
  readonly parameter: Tensor;
  readonly state: ParameterState;
}

/**
 * One optimizer step of parameters that have gradients: appends the updates to the tape and writes the parameters and
 * their state. Nothing runs yet. An update works element by element, so that small parameters take it together, as one
 * vector: fewer operators, and fewer arrays that cross.
 */
export function stepParameters(
  tape: Tape,
  row: OptimizerRow,
  settings: Hyperparameters,
  stepped: readonly Stepped[],
): void {
  const numbers = new FedNumbers(tape);
  const slots = row.stateSlots.filter((slot) => slot.used(settings));
  const bundles = new Map<string, { step: number; members: Stepped[] }>();
  const memories = new Set<Storage>();
  stepped.forEach(({ parameter, state }, position) => {
    for (const slot of slots) createSlot(tape, slot, settings, parameter, state);
    const step = advance(tape, slots, state);
    const there = slots.map(({ name }) => (state.get(name) ? '+' : '-'));
    // What is in the group twice is updated twice, one after the other.
    const isFirst = !memories.has(parameter.storage);
    memories.add(parameter.storage);
    const joins = isFirst && elementCount(parameter.shape) <= largestJoined;
    const key = joins ? [parameter.dtype, step, ...there].join(' ') : `alone ${position}`;
    const bundle = bundles.get(key);
    if (bundle) bundle.members.push({ parameter, state });
    else bundles.set(key, { step, members: [{ parameter, state }] });
  });
  for (const { step, members } of bundles.values()) updateTogether(tape, row, settings, members, step, numbers);
}

/** Parameters of one dtype that are at the same step. */
function updateTogether(
  tape: Tape,
  row: OptimizerRow,
  settings: Hyperparameters,
  members: readonly Stepped[],
  step: number,
  numbers: FedNumbers,
): void {
  const { parameter: first, state: firstState } = members[0]!;
  const single = members.length === 1;
  const shapes = members.map(({ parameter }) => parameter.shape);
  const together = (values: Value[]): Value => (single ? values[0]! : joined(tape, values));
  const each = (value: Value, label: string): Value[] => {
    value.keep = true;
    if (single) return [value];
    value.label ??= label;
    return apart(value, shapes);
  };
  const update: Update = {
    parameter: together(members.map(({ parameter }) => parameter.value)),
    gradient: together(members.map(({ parameter }) => parameter.grad!.value)),
    step,
    state: (name) =>
      firstState.get(name) === undefined ? null : together(members.map(({ state }) => state.get(name)!.value)),
    setState: (name, value) =>
      each(value, name).forEach((part, i) => writeState(tape, members[i]!.parameter, members[i]!.state, name, part)),
    emit: (op, ...inputs) => tape.emitOne(op, inputs),
    number: (name, value) => numbers.get(name, value, first.dtype),
    powerOfStep: (base) => numbers.power(base, step),
  };
  tape.withoutGrad(() =>
    tape.inModule(single ? (first.name ?? '') : '', () =>
      tape.inRole('optimizer', undefined, () =>
        tape.inOperation(row.name, () => {
          const updated = each(row.update(update, settings), 'parameters');
          updated.forEach((value, i) => members[i]!.parameter.overwrite(value));
        }),
      ),
    ),
  );
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
