import { GradstepError } from '../../common/errors';
import { opTable, type OpName } from '../onnx/opTable';
import type { OpRow } from '../onnx/opRow';
import { allSavedNames, type GradientRule } from './gradientRule';
import { activationRules } from './rules/activations';
import { convolutionRules } from './rules/convolution';
import { elementwiseRules } from './rules/elementwise';
import { indexingRules } from './rules/indexing';
import { linearRules } from './rules/linear';
import { poolingRules } from './rules/pooling';
import { reductionRules } from './rules/reduction';
import { softmaxRules } from './rules/softmax';
import { structureRules } from './rules/structure';

/** The gradient of every op of the op table: one row each. A missing row does not compile. */
export const ruleTable: Readonly<Record<OpName, GradientRule>> = {
  ...activationRules,
  ...convolutionRules,
  ...elementwiseRules,
  ...indexingRules,
  ...linearRules,
  ...poolingRules,
  ...reductionRules,
  ...softmaxRules,
  ...structureRules,
};

/** An input's ONNX name without the mark of an optional or variadic one. */
function plainName(name: string): string {
  return name.replace(/\?$|\.\.\.$/, '');
}

/**
 * Checks a rule table against the ops' interfaces.
 * @throws GradstepError `autodiff.table` naming the row whose inputs or saved values don't match its op
 */
export function checkRules(rules: Readonly<Record<string, GradientRule>>, ops: Readonly<Record<string, OpRow>>): void {
  const fail = (op: string, problem: string): never => {
    throw new GradstepError(`the gradient rule of ${op} ${problem}`, {
      code: 'autodiff.table',
      audience: 'maintainer',
    });
  };
  for (const op of Object.keys(rules)) if (!ops[op]) fail(op, 'is for no known op');
  for (const [op, row] of Object.entries(ops)) {
    const rule = rules[op] ?? fail(op, 'is missing');
    const inputs = row.inputs.map(plainName);
    const given = Object.keys(rule.inputs);
    const missing = inputs.find((name) => !given.includes(name));
    if (missing !== undefined) fail(op, `says nothing about its input ${missing}`);
    const unknown = given.find((name) => !inputs.includes(name));
    if (unknown !== undefined) fail(op, `is about an input ${unknown} that the op doesn't have`);
    const unknownReader = Array.isArray(rule.saves)
      ? undefined
      : Object.keys(rule.saves).find((name) => !inputs.includes(name));
    if (unknownReader !== undefined) fail(op, `saves for an input ${unknownReader} that the op doesn't have`);
    const values = [...inputs, ...row.outputs.map(plainName)];
    const saved = allSavedNames(rule).find((name) => !values.includes(name));
    if (saved !== undefined) fail(op, `saves ${saved}, which the op doesn't have`);
  }
}

/** A row that is in two families would hide the other one. */
function checkFamilies(): void {
  const seen = new Set<string>();
  const families = [
    activationRules,
    convolutionRules,
    elementwiseRules,
    indexingRules,
    linearRules,
    poolingRules,
    reductionRules,
    softmaxRules,
    structureRules,
  ];
  for (const op of families.flatMap((family) => Object.keys(family))) {
    if (seen.has(op)) {
      throw new GradstepError(`the gradient rule of ${op} is there twice`, {
        code: 'autodiff.table',
        audience: 'maintainer',
      });
    }
    seen.add(op);
  }
}

checkFamilies();
checkRules(ruleTable, opTable);
