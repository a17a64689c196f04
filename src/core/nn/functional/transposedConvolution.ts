import { operation, optional, required, withDefault } from '../../operation';
import { apply, type Tensor } from '../../tensor/tensor';
import { dtypeNames } from '../dtypeNames';
import { add, inFloat32, renamed, runtimeError, shapeText, squeeze, unsqueeze } from '../tensorMath';
import { pad } from './padding';

/** One entry per spatial axis. */
export interface TransposedConvolutionOptions {
  stride: readonly number[];
  padding: readonly number[];
  outputPadding: readonly number[];
  dilation: readonly number[];
  groups: number;
}

/**
 * The transpose of `convolution`: (N, C, H, W) or (C, H, W) with a weight (C, M/groups, kernel...).
 * @throws PythonError in PyTorch's words
 */
export function transposedConvolution(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  { stride, padding, outputPadding, dilation, groups }: TransposedConvolutionOptions,
): Tensor {
  const rank = input.shape.length;
  if (rank !== 3 && rank !== 4) {
    throw runtimeError(
      `Expected 3D (unbatched) or 4D (batched) input to conv_transpose2d, but got input of size: ${shapeText(input.shape)}`,
    );
  }
  const unbatched = rank === 3;
  const batchedShape = unbatched ? [1, ...input.shape] : input.shape;
  if (batchedShape[1] !== weight.shape[0]) {
    throw runtimeError(
      `Given transposed=1, weight of size ${shapeText(weight.shape)}, expected input${shapeText(batchedShape)} to have ${weight.shape[0]} channels, but got ${batchedShape[1]} channels instead`,
    );
  }
  const channels = weight.shape[1]! * groups;
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== channels)) {
    throw runtimeError(
      `Given transposed=1, weight of size ${shapeText(weight.shape)}, expected bias to be 1-dimensional with ${channels} elements, but got bias of size ${shapeText(bias.shape)} instead`,
    );
  }
  if (outputPadding.some((extra, axis) => extra >= stride[axis]! && extra >= dilation[axis]!)) {
    const pair = (name: string, values: readonly number[]): string =>
      `${name}_height: ${values[0]} ${name}_width: ${values[1]}`;
    throw runtimeError(
      `output padding must be smaller than either stride or dilation, but got ${pair('output_padding', outputPadding)} ${pair('stride', stride)} ${pair('dilation', dilation)}`,
    );
  }
  if (input.dtype !== weight.dtype) {
    throw runtimeError(
      `expected scalar type ${dtypeNames[input.dtype].scalar} but found ${dtypeNames[weight.dtype].scalar}`,
    );
  }
  const { pads, onnxPadding, cut, zeros } = dividedOutputPadding(outputPadding, padding, stride);
  const padsResult = zeros.some((size) => size > 0);
  const result = inFloat32([unbatched ? unsqueeze(input, 0) : input, weight, bias], (x, w, b) => {
    const whole = apply(
      x!.tape,
      'ConvTranspose',
      b && !padsResult ? [x!, w!, b] : [x!, w!],
      {
        dilations: dilation,
        group: groups,
        kernel_shape: weight.shape.slice(2),
        output_padding: onnxPadding,
        pads: [...pads, ...pads],
        strides: stride,
      },
      'ConvolutionBackward0',
    );
    const convolved = cut.some((size) => size > 0) ? cutOff(whole, cut) : whole;
    if (!padsResult) return convolved;
    const padded = pad(convolved, [0, zeros[1]!, 0, zeros[0]!], 'constant', null);
    return renamed(b ? add(padded, unsqueeze(unsqueeze(b, 1), 1)) : padded, 'ConvolutionBackward0');
  });
  return unbatched ? squeeze(result, 0) : result;
}

/**
 * ONNX Runtime refuses an output padding that is not below the stride, and its CUDA kernel pads that differ at the two
 * ends. Such an output padding takes back from the padding at both ends; then the beginning is cut off again, and the
 * cells that are left over at the end lie beyond the kernel's reach and hold nothing but the bias.
 */
function dividedOutputPadding(
  outputPadding: readonly number[],
  padding: readonly number[],
  stride: readonly number[],
): Record<'pads' | 'onnxPadding' | 'cut' | 'zeros', readonly number[]> {
  const none = outputPadding.map(() => 0);
  if (outputPadding.every((extra, axis) => extra < stride[axis]!)) {
    return { pads: padding, onnxPadding: outputPadding, cut: none, zeros: none };
  }
  const cut = outputPadding.map((extra, axis) => Math.min(padding[axis]!, extra));
  const pads = padding.map((size, axis) => size - cut[axis]!);
  const zeros = outputPadding.map((extra, axis) => extra - cut[axis]!);
  return { pads, onnxPadding: none, cut, zeros };
}

/** Without the first `cut` cells of each spatial axis. */
function cutOff(image: Tensor, cut: readonly number[]): Tensor {
  const { tape } = image;
  const axes = cut.map((_, axis) => axis + 2);
  const bounds = [cut, image.shape.slice(2), axes].map((values) => tape.ints(values));
  return apply(tape, 'Slice', [image, ...bounds], undefined, 'ConvolutionBackward0');
}

export const transposedConvolutionOperations = [
  operation(
    'conv_transpose2d',
    {
      input: required('tensor'),
      weight: required('tensor'),
      bias: optional('tensor'),
      stride: withDefault('pair', [1, 1]),
      padding: withDefault('pair', [0, 0]),
      output_padding: withDefault('pair', [0, 0]),
      groups: withDefault('int', 1),
      dilation: withDefault('pair', [1, 1]),
    },
    ({ input, weight, bias, stride, padding, output_padding, groups, dilation }) =>
      transposedConvolution(input, weight, bias, { stride, padding, outputPadding: output_padding, groups, dilation }),
  ),
];
