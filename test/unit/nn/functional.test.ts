import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PythonError } from '../../../src/common/errors';
import { backward } from '../../../src/core/autodiff/buildBackward';
import { functionalOperations } from '../../../src/core/nn/functional/functionalTable';
import type { OperationContext } from '../../../src/core/operation';
import { Generator } from '../../../src/core/random/generator';
import { dataFromNumbers, elementCount, isFloating, type DType } from '../../../src/core/tensor/dtype';
import { Tape } from '../../../src/core/tensor/tape';
import { Tensor } from '../../../src/core/tensor/tensor';
import { concreteValue } from '../../../src/core/tensor/value';
import { OrtRuntime } from '../../../src/runtime/ortRuntime';

interface TensorRecord {
  shape: number[];
  dtype: DType;
  /** Row-major; empty where all elements are zero. */
  data: (number | string | boolean)[];
}

type Encoded =
  { tensor: TensorRecord; fixed?: boolean } | { float: number | string } | string | number | boolean | null | number[];

interface Case {
  function: string;
  label: string;
  args: Record<string, Encoded>;
  output?: TensorRecord;
  error?: string;
  gradName?: string;
  cotangent?: (number | string)[];
  gradients?: Record<string, (number | string)[]>;
  after?: Record<string, (number | string)[]>;
}

const cases = JSON.parse(readFileSync('test/fixtures/nn/functional.json', 'utf8')) as Case[];
const operations = new Map(functionalOperations.map((row) => [row.name, row]));
const tape = new Tape(new OrtRuntime({ device: 'cpu', threads: 1 }));

function numbers(data: readonly (number | string | boolean)[]): number[] {
  return data.map((value) => (value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value)));
}

function decode(value: Encoded, kind: string): unknown {
  if (Array.isArray(value)) return value;
  if (value !== null && typeof value === 'object') {
    if ('float' in value) return Number(value.float);
    const { shape, dtype, data } = value.tensor;
    const filled = data.length > 0 ? numbers(data) : new Array<number>(elementCount(shape)).fill(0);
    const tensor = Tensor.fromData(tape, dataFromNumbers(filled, dtype), shape, dtype);
    if (isFloating(dtype) && !value.fixed) tensor.setRequiresGrad(true);
    return tensor;
  }
  if (typeof value === 'number') {
    if (kind === 'pair' || kind === 'padding') return [value, value];
    if (kind === 'single' || kind === 'ints') return [value];
    if (kind === 'any') return BigInt(value);
  }
  return value;
}

/** Within 1e-6 of the largest magnitude, or of one. */
function assertClose(actual: ArrayLike<number | bigint>, expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  const scale = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
  expected.forEach((value, i) => {
    const got = Number(actual[i]);
    const close =
      Object.is(got, value) || Math.abs(got - value) <= 2e-6 * scale || (Number.isNaN(value) && Number.isNaN(got));
    assert.ok(close, `${what}[${i}]: ${got} instead of ${value}`);
  });
}

function run(record: Case) {
  const row = operations.get(record.function);
  assert.ok(row, `no operation ${record.function}`);
  const given: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(row.parameters)) {
    given[name] = name in record.args ? decode(record.args[name]!, parameter.kind) : parameter.defaultValue;
  }
  const warnings: string[] = [];
  const context: OperationContext = {
    tape,
    generator: new Generator(0),
    defaultDtype: 'float32',
    warn: (message) => warnings.push(message),
  };
  const result = row.run(given as Record<string, never>, context);
  return { given, output: (Array.isArray(result) ? result[0] : result) as Tensor, warnings };
}

cases.forEach((record, index) => {
  const options = Object.entries(record.args)
    .filter(([, value]) => value === null || typeof value !== 'object' || 'float' in value)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  test(`${record.function} ${record.label} ${options.join(' ')} #${index}`, () => {
    if (record.error !== undefined) {
      assert.throws(
        () => run(record),
        (error: unknown) => {
          assert.ok(error instanceof PythonError, String(error));
          assert.equal(`${error.exception}: ${error.message}`, record.error);
          return true;
        },
      );
      return;
    }
    const { given, output } = run(record);
    const { shape, dtype, data } = record.output!;
    assert.deepEqual([...output.shape], shape);
    assert.equal(output.dtype, dtype);
    assertClose(output.data, numbers(data), 'output');
    for (const [name, expected] of Object.entries(record.after ?? {})) {
      assertClose((given[name] as Tensor).data, numbers(expected), name);
    }
    if (record.gradName === undefined) return;
    assert.equal(output.gradFn?.record.name, record.gradName);
    const cotangent = concreteValue(dataFromNumbers(numbers(record.cotangent!), dtype), shape, dtype);
    backward(output, { gradient: cotangent });
    for (const [name, expected] of Object.entries(record.gradients!)) {
      const { grad } = given[name] as Tensor;
      assert.ok(grad, `no gradient of ${name}`);
      assertClose(grad.data, numbers(expected), `gradient of ${name}`);
    }
  });
});
