import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleTable } from '../../src/core/autodiff/ruleTable';
import { opTable, type OpName } from '../../src/core/onnx/opTable';
import { gradientCases } from './gradientCases';
import { checkGradients, inputNameAt, type GradientCase } from './gradientChecker';

const tolerance = 1e-5;

const byOp = new Map<OpName, GradientCase[]>();
for (const gradientCase of gradientCases) {
  const known = byOp.get(gradientCase.op);
  if (known) known.push(gradientCase);
  else byOp.set(gradientCase.op, [gradientCase]);
}

for (const [op, cases] of byOp) {
  test(`gradients of ${op}`, () => {
    for (const gradientCase of cases) {
      for (const { input, error } of checkGradients(gradientCase)) {
        assert.ok(error <= tolerance, `${op} (${gradientCase.name}): the gradient of ${input} is ${error} off`);
      }
    }
  });
}

test('every differentiable input of every op has a case', () => {
  const checked = new Set(
    gradientCases.flatMap(({ op, inputs, skip }) =>
      inputs.flatMap((input, i) => {
        const name = inputNameAt(op, i);
        return input && !skip?.includes(name) ? [`${op}.${name}`] : [];
      }),
    ),
  );
  for (const op of Object.keys(opTable) as OpName[]) {
    for (const [name, rule] of Object.entries(ruleTable[op].inputs)) {
      if (rule !== 'nonDifferentiable') assert.ok(checked.has(`${op}.${name}`), `${op} has no case for ${name}`);
    }
  }
});
