import { ruleTable } from '../../src/core/autodiff/ruleTable';
import { opTable, type OpName } from '../../src/core/onnx/opTable';
import { isFloating, numbersFromData } from '../../src/core/tensor/dtype';
import { Tape } from '../../src/core/tensor/tape';
import { OrtRuntime } from '../../src/runtime/ortRuntime';
import { forwardCases } from '../numeric/cases/forward';
import { gradientCases } from '../numeric/gradientCases';
import { cotangentsOf, inputNameAt, record, ruleGradient, type GradientCase } from '../numeric/gradientChecker';
import type { OperatorReport } from './operatorReport';

/* In a process of its own, since CUDA's libraries are looked for when it starts: a report of each operator, as JSON. */

const cpu = new OrtRuntime({ device: 'cpu', threads: 1 });

/** The outputs of a case and the gradients of its inputs. */
function valuesOn(runtime: OrtRuntime, gradientCase: GradientCase): ArrayLike<number>[] {
  const tape = new Tape(runtime);
  const node = record(tape, gradientCase, 'float32');
  const outputs = [...node.outputs];
  tape.readAll(outputs, 'forward');
  const rule = ruleTable[gradientCase.op];
  const cotangents = cotangentsOf(node);
  const gradients = gradientCase.inputs.flatMap((input, index) => {
    const hasGradient = input && isFloating(input.dtype) && !input.constant;
    const emit = rule.inputs[inputNameAt(gradientCase.op, index)];
    return hasGradient && typeof emit === 'function' ? [ruleGradient(tape, node, index, rule, cotangents)] : [];
  });
  return [...outputs.map((output) => numbersFromData(output.data!)), ...gradients];
}

/** The largest difference, relative to the largest number. Infinities and what is no number must be the same. */
function largestDifference(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  let [largest, difference] = [0, expected.length === actual.length ? 0 : Infinity];
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]!));
    if (Object.is(expected[i], actual[i]) || expected[i] === actual[i]) continue;
    const own = Math.abs(actual[i]! - expected[i]!);
    difference = Number.isFinite(own) ? Math.max(difference, own) : Infinity;
  }
  return difference === 0 ? 0 : difference / Math.max(largest, Number.MIN_VALUE);
}

function reportOf(op: OpName, cases: readonly GradientCase[]): OperatorReport {
  let difference = 0;
  const [onCpu, failed]: [string[], string[]] = [[], []];
  for (const gradientCase of cases) {
    const cuda = new OrtRuntime({ device: 'cuda', threads: 1 });
    try {
      const actual = valuesOn(cuda, gradientCase);
      valuesOn(cpu, gradientCase).forEach((expected, i) => {
        difference = Math.max(difference, largestDifference(expected, actual[i]!));
      });
    } catch (error) {
      failed.push(`${gradientCase.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (cuda.onCpu.length > 0) onCpu.push(gradientCase.name);
  }
  return { op, cases: cases.length, onCpu, difference, failed };
}

const cases = [...gradientCases, ...forwardCases];
const reports = (Object.keys(opTable) as OpName[]).map((name) =>
  reportOf(
    name,
    cases.filter(({ op }) => op === name),
  ),
);
process.stdout.write(JSON.stringify(reports));
