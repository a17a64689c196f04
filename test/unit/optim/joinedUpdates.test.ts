import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HyperparameterValue } from '../../../src/core/optim/optimizerRow';
import { optimizerTable } from '../../../src/core/optim/optimizerTable';
import { initializeState, stepParameters, type ParameterState } from '../../../src/core/optim/parameterStep';
import { concreteValue } from '../../../src/core/tensor/value';
import { elementCount, type DType, type Shape } from '../../../src/core/tensor/dtype';
import { Tape, type ExecutionMode } from '../../../src/core/tensor/tape';
import { Tensor } from '../../../src/core/tensor/tensor';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';
import { settingsFor } from '../../support/optimizerRun';

const runtime = new OrtRuntime({ device: 'cpu', threads: 1 });
/** The last one is too large to be joined. */
const shapes: readonly Shape[] = [[3, 2], [1], [], [2, 3, 4], [70000]];
const manySettings: readonly Readonly<Record<string, HyperparameterValue>>[] = [
  {},
  { lr: 0.05, weight_decay: 0.1, maximize: true },
  { momentum: 0.9, nesterov: true },
  { momentum: 0.9, dampening: 0.5, centered: true },
  { amsgrad: true, lr_decay: 0.1 },
];

interface Member {
  readonly parameter: Tensor;
  readonly state: ParameterState & Map<string, Tensor>;
}

/** The same numbers for each. */
function elements(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i * 1.7));
}

function membersOf(tape: Tape, dtype: DType): Member[] {
  return shapes.map((shape, i) => {
    const data = elements(elementCount(shape), i);
    const tensor = Tensor.fromData(tape, dtype === 'float32' ? data : Float64Array.from(data), shape, dtype);
    return { parameter: tensor, state: new Map() as Member['state'] };
  });
}

/** Gradients that a graph makes. */
function giveGradients(tape: Tape, members: readonly Member[], step: number): void {
  members.forEach(({ parameter }, i) => {
    // One of them has none in the second step, and is a step behind the others from then on.
    if (step === 1 && i === 1) {
      parameter.grad = null;
      return;
    }
    const data = elements(elementCount(parameter.shape), 10 * step + i);
    const typed = parameter.dtype === 'float32' ? data : Float64Array.from(data);
    const gradient = tape.emitOne('Mul', [parameter.value, concreteValue(typed, parameter.shape, parameter.dtype)]);
    gradient.keep = true;
    parameter.grad = new Tensor(tape, gradient);
  });
}

function numbersOf(members: readonly Member[]): number[][] {
  return members.flatMap(({ parameter, state }) =>
    [parameter, ...(parameter.grad ? [parameter.grad] : []), ...state.values()].map(({ data }) =>
      Array.from(data as Float32Array),
    ),
  );
}

for (const row of optimizerTable) {
  for (const given of manySettings) {
    const names = Object.keys(given);
    if (!names.every((name) => row.hyperparameters.some((hyperparameter) => hyperparameter.name === name))) continue;
    test(`${row.name}(${names.join(', ')}): together is as one by one, bit for bit`, () => {
      for (const mode of ['stepping', 'running'] satisfies ExecutionMode[]) {
        for (const dtype of ['float32', 'float64'] satisfies DType[]) {
          const settings = settingsFor(row, given);
          const tapes = [new Tape(runtime), new Tape(runtime)];
          const [together, alone] = tapes.map((tape) => {
            tape.mode = mode;
            const members = membersOf(tape, dtype);
            members.forEach(({ parameter, state }) => initializeState(tape, row, settings, parameter, state));
            return members;
          }) as [Member[], Member[]];
          for (let step = 0; step < 4; step++) {
            for (const members of [together, alone]) giveGradients(members[0]!.parameter.tape, members, step);
            if (mode === 'stepping') tapes.forEach((tape) => tape.flush('backward'));
            const withGradients = (members: Member[]) => members.filter(({ parameter }) => parameter.grad !== null);
            stepParameters(tapes[0]!, row, settings, withGradients(together));
            for (const member of withGradients(alone)) stepParameters(tapes[1]!, row, settings, [member]);
            // Two steps without a graph between them, and two with one.
            if (step > 0) tapes.forEach((tape) => tape.flush('step'));
            if (step > 0) assert.deepEqual(numbersOf(together), numbersOf(alone));
          }
        }
      }
    });
  }
}

test('a parameter that is in a group twice is updated twice', () => {
  const tape = new Tape(runtime);
  const row = optimizerTable.find(({ name }) => name === 'SGD')!;
  const parameter = Tensor.fromData(tape, Float32Array.of(1, 2), [2], 'float32');
  const other = Tensor.fromData(tape, Float32Array.of(3), [1], 'float32');
  const stepped = [parameter, other, parameter].map((tensor) => ({ parameter: tensor, state: new Map() }) as never);
  parameter.grad = Tensor.fromData(tape, Float32Array.of(1, 1), [2], 'float32');
  other.grad = Tensor.fromData(tape, Float32Array.of(1), [1], 'float32');
  stepParameters(tape, row, settingsFor(row, { lr: 0.25 }), stepped);
  assert.deepEqual(
    [parameter, other].map(({ data }) => Array.from(data as Float32Array)),
    [[0.5, 1.5], [2.75]],
  );
});

test('the small parameters of a step are one operator each, the gradients one array', () => {
  const tape = new Tape(runtime);
  tape.mode = 'running';
  const row = optimizerTable.find(({ name }) => name === 'Adam')!;
  const settings = settingsFor(row, {});
  const members = membersOf(tape, 'float32');
  let outputs: readonly string[] = [];
  tape.graphs.listener = (graph) => (outputs = graph.outputs.map(({ name }) => name));
  giveGradients(tape, members, 0);
  stepParameters(tape, row, settings, members);
  tape.flush('iteration');
  // Of the joined ones and of the large one: the gradient, the parameter, two states.
  assert.equal(outputs.length, 8, outputs.join());
  const buffers = members.slice(0, 4).map(({ parameter }) => parameter.grad!.data.buffer);
  assert.equal(new Set(buffers).size, 1);
});
