import { PythonError } from '../../../common/errors';
import { drawPermutation } from '../../../core/random/integers';
import { PyList } from '../../objects/containers';
import { nativeFunction } from '../../objects/native';
import type { PyValue } from '../../objects/value';
import { subsetClass } from './datasetClasses';
import { generatorOf } from './samplerClasses';

/** Python's math.isclose(sum, 1) and sum <= 1. */
function areFractions(lengths: readonly PyValue[]): boolean {
  const sum = lengths.reduce<number>((total, length) => total + Number(length), 0);
  return Math.abs(sum - 1) <= 1e-9 * Math.max(Math.abs(sum), 1) && sum <= 1;
}

/** Fractions as lengths: rounded down, what is left over handed out one by one. */
function wholeLengths(fractions: readonly PyValue[], total: number): number[] {
  const lengths = fractions.map((fraction, i) => {
    const share = Number(fraction);
    if (share < 0 || share > 1) throw new PythonError('ValueError', `Fraction at index ${i} is not between 0 and 1`);
    return Math.floor(total * share);
  });
  const rest = total - lengths.reduce((sum, length) => sum + length, 0);
  for (let i = 0; i < rest; i++) lengths[i % lengths.length]!++;
  return lengths;
}

/** `torch.utils.data.random_split`. */
export const randomSplit = nativeFunction('random_split', 'dataset, lengths, generator=None', (args, interpreter) => {
  const dataset = args.value('dataset');
  const given = interpreter.list(args.value('lengths'));
  const total = interpreter.length(dataset);
  let lengths = given.map(Number);
  if (areFractions(given)) {
    lengths = wholeLengths(given, total);
    lengths.forEach((length, i) => {
      if (length > 0) return;
      interpreter.warn(`Length of split at index ${i} is 0. This might result in an empty dataset.`);
    });
  }
  if (lengths.reduce((sum, length) => sum + length, 0) !== total) {
    throw new PythonError('ValueError', 'Sum of input lengths does not equal the length of the input dataset!');
  }
  const order = Array.from(drawPermutation(total, generatorOf(args.value('generator'), interpreter)));
  let start = 0;
  const subsets = lengths.map((length) => {
    const indices = new PyList(order.slice(start, start + length));
    start += length;
    return interpreter.call(subsetClass, [dataset, indices]);
  });
  return new PyList(subsets);
});
