import { PythonError } from '../../../common/errors';
import { required } from '../../operation';
import { elementCount } from '../dtype';
import { apply, type Tensor } from '../tensor';
import { range } from './axes';
import { matmul } from './matrix';
import { basicEinsum, type Labeled } from './einsumPlan';
import { sum } from './reductions';
import { functionOnly, type TensorOperation } from './tensorOperation';

/** An operand of an einsum: a tensor and the letter of each axis. */
type Term = Labeled<Tensor>;

function transposeTo(term: Term, labels: readonly string[]): Tensor {
  const perm = labels.map((label) => term.labels.indexOf(label));
  if (perm.every((axis, i) => axis === i)) return term.tensor;
  return apply(term.tensor.tape, 'Transpose', [term.tensor], { perm }, 'PermuteBackward0');
}

function sumOut(term: Term, keep: ReadonlySet<string>): Term {
  const axes = range(term.labels.length).filter((axis) => !keep.has(term.labels[axis]!));
  if (axes.length === 0) return term;
  return { tensor: sum(term.tensor, axes), labels: term.labels.filter((label) => keep.has(label)) };
}

/** Contracts two operands by one batched matrix product. */
function contract(a: Term, b: Term, keep: ReadonlySet<string>): Term {
  const left = sumOut(a, new Set([...keep, ...b.labels]));
  const right = sumOut(b, new Set([...keep, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => keep.has(label));
  const inner = shared.filter((label) => !keep.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const sizeOf = (label: string): number => {
    const source = left.labels.includes(label) ? left : right;
    return source.tensor.shape[source.labels.indexOf(label)]!;
  };
  const count = (labels: readonly string[]): number => elementCount(labels.map(sizeOf));
  const shapeOf = (first: readonly string[], second: readonly string[]): number[] => [
    count(batch),
    count(first),
    count(second),
  ];
  const { tape } = a.tensor;
  const reshape = (x: Tensor, shape: readonly number[]): Tensor =>
    apply(tape, 'Reshape', [x, tape.ints(shape)], { allowzero: 1 }, 'ViewBackward0');
  const x = reshape(transposeTo(left, [...batch, ...rows, ...inner]), shapeOf(rows, inner));
  const y = reshape(transposeTo(right, [...batch, ...inner, ...columns]), shapeOf(inner, columns));
  const labels = [...batch, ...rows, ...columns];
  return { tensor: reshape(matmul(x, y), labels.map(sizeOf)), labels };
}

function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const { terms, output } = basicEinsum(equation, operands);
  const keep = (rest: readonly Term[]): Set<string> => new Set([...output, ...rest.flatMap((term) => term.labels)]);
  let result = sumOut(terms[0]!, keep(terms.slice(1)));
  terms.slice(1).forEach((term, i) => {
    result = contract(result, term, keep(terms.slice(i + 2)));
  });
  return transposeTo(sumOut(result, new Set(output)), output);
}

/** torch.einsum; operands follow as a list (the script's side gathers them). */
export const einsumOperations: readonly TensorOperation[] = [
  functionOnly('einsum', { equation: required('string'), operands: required('tensors') }, ({ equation, operands }) => {
    if (operands.length === 0) throw new PythonError('RuntimeError', 'einsum(): must provide at least one operand');
    return einsum(equation, operands);
  }),
];
