import { PythonError } from '../../../common/errors';
import { operation, required, withDefault, type Scalar } from '../../operation';
import { drawDropoutMask } from '../../random/distributions';
import type { Generator } from '../../random/generator';
import { dtypeTable, elementCount, isFloating, type Shape } from '../../tensor/dtype';
import { pythonText } from '../../tensor/pythonText';
import type { Tensor } from '../../tensor/tensor';
import { concreteValue } from '../../tensor/value';
import { dtypeNames } from '../dtypeNames';
import { inPlace, multiply, runtimeError } from '../tensorMath';

/** @throws PythonError ValueError; PyTorch writes the probability as the script did */
export function checkProbability(p: Scalar): void {
  if (Number(p) >= 0 && Number(p) <= 1) return;
  throw new PythonError('ValueError', `dropout probability has to be between 0 and 1, but got ${pythonText(p)}`);
}

/**
 * Zeroes elements with probability p and divides the rest by 1 - p; the mask comes from torch's generator and is fed.
 * @param maskShape broadcasts to the input's shape
 */
function dropoutBy(input: Tensor, p: number, generator: Generator, maskShape: Shape): Tensor {
  const { dtype } = input;
  if (!isFloating(dtype)) {
    throw runtimeError(`result type Float can't be cast to the desired output type ${dtypeNames[dtype].scalar}`);
  }
  const kept = drawDropoutMask(elementCount(maskShape), generator, p);
  const scale = dtype === 'float32' ? Math.fround(1 / Math.fround(1 - p)) : 1 / (1 - p);
  const mask = dtypeTable[dtype].allocate(kept.length);
  if (p < 1) for (let i = 0; i < kept.length; i++) mask[i] = kept[i]! * scale;
  const value = concreteValue(mask, maskShape, dtype);
  value.label = 'dropout mask';
  return multiply(input, value);
}

/** `F.dropout`. */
export function dropout(input: Tensor, p: Scalar, training: boolean, inplace: boolean, generator: Generator): Tensor {
  checkProbability(p);
  if (!training || Number(p) === 0) return input;
  const run = (x: Tensor): Tensor => dropoutBy(x, Number(p), generator, x.shape);
  return inplace ? inPlace(input, run) : run(input);
}

type Warn = (message: string) => void;

/** `F.dropout2d`: whole channels at once. */
export function dropout2d(
  input: Tensor,
  p: Scalar,
  training: boolean,
  inplace: boolean,
  generator: Generator,
  warn: Warn,
): Tensor {
  checkProbability(p);
  const rank = input.shape.length;
  if (rank !== 3 && rank !== 4) {
    warn(
      `dropout2d: Received a ${rank}-D input to dropout2d, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that dropout2d exists to provide channel-wise dropout on inputs with 2 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).`,
    );
  }
  if (rank === 3) {
    warn(
      'dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.',
    );
  }
  return channelDropout(input, Number(p), training, inplace, generator);
}

/** Drops whole channels of (N, C, ...). */
export function channelDropout(
  input: Tensor,
  p: number,
  training: boolean,
  inplace: boolean,
  generator: Generator,
): Tensor {
  if (!training || p === 0) return input;
  const maskShape = input.shape.map((size, axis) => (axis < 2 ? size : 1));
  const run = (x: Tensor): Tensor => dropoutBy(x, p, generator, maskShape);
  return inplace ? inPlace(input, run) : run(input);
}

const parameters = {
  input: required('tensor'),
  p: withDefault('scalar', 0.5),
  training: withDefault('bool', true),
  inplace: withDefault('bool', false),
} as const;

export const dropoutOperations = [
  operation('dropout', parameters, ({ input, p, training, inplace }, { generator }) =>
    dropout(input, p, training, inplace, generator),
  ),
  operation('dropout1d', parameters, ({ input, p, training, inplace }, { generator }) => {
    checkProbability(p);
    return channelDropout(input, Number(p), training, inplace, generator);
  }),
  operation('dropout2d', parameters, ({ input, p, training, inplace }, { generator, warn }) =>
    dropout2d(input, p, training, inplace, generator, warn),
  ),
];
