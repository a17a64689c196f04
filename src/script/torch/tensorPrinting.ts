import { defaultPrintOptions, formatParameter, formatTensor, type PrintOptions } from '../../core/tensor/format';
import type { Tensor } from '../../core/tensor/tensor';
import type { TorchContext } from './torchContext';

const options = new WeakMap<TorchContext, PrintOptions>();

/** What `torch.set_printoptions` has set in this run. */
export function printOptions(context: TorchContext): PrintOptions {
  return options.get(context) ?? defaultPrintOptions;
}

export function storePrintOptions(context: TorchContext, changed: PrintOptions): void {
  options.set(context, changed);
}

/** `repr(tensor)`. Reads the elements. */
export function tensorText(tensor: Tensor, context: TorchContext): string {
  const printed = {
    data: tensor.data,
    shape: tensor.shape,
    dtype: tensor.dtype,
    requiresGrad: tensor.requiresGrad,
    gradFnName: tensor.gradFn?.record.name ?? null,
  };
  const format = tensor.isParameter ? formatParameter : formatTensor;
  return format(printed, printOptions(context), context.defaultDtype);
}
