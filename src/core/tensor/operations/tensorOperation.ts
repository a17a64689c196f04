import {
  operation,
  type Arguments,
  type Operation,
  type OperationContext,
  type OperationResult,
  type Parameters,
} from '../../operation';

/** Where a row can be called from: `torch.NAME`, `tensor.NAME`, and whether `tensor.NAME_` writes in place. */
export interface OperationForms {
  readonly torchFunction: boolean;
  readonly method: boolean;
  readonly inPlace: boolean;
  /** Other names of the same operation. */
  readonly aliases: readonly string[];
}

/** One tensor operation; a function and a method of the same name are one row. */
export interface TensorOperation extends Operation, OperationForms {}

type Run<P extends Parameters> = (args: Arguments<P>, context: OperationContext) => OperationResult;

function row<P extends Parameters>(
  name: string,
  parameters: P,
  run: Run<P>,
  forms: Pick<OperationForms, 'torchFunction' | 'method'>,
  extras: Partial<Pick<OperationForms, 'inPlace' | 'aliases'>> = {},
): TensorOperation {
  return { ...operation(name, parameters, run), inPlace: false, aliases: [], ...forms, ...extras };
}

/** `torch.NAME(input, ...)` and `input.NAME(...)`. */
export function functionAndMethod<P extends Parameters>(
  name: string,
  parameters: P,
  run: Run<P>,
  extras?: Partial<Pick<OperationForms, 'inPlace' | 'aliases'>>,
): TensorOperation {
  return row(name, parameters, run, { torchFunction: true, method: true }, extras);
}

/** Only `torch.NAME(...)`. */
export function functionOnly<P extends Parameters>(
  name: string,
  parameters: P,
  run: Run<P>,
  extras?: Partial<Pick<OperationForms, 'aliases'>>,
): TensorOperation {
  return row(name, parameters, run, { torchFunction: true, method: false }, extras);
}

/** Only `input.NAME(...)`. */
export function methodOnly<P extends Parameters>(
  name: string,
  parameters: P,
  run: Run<P>,
  extras?: Partial<Pick<OperationForms, 'aliases' | 'inPlace'>>,
): TensorOperation {
  return row(name, parameters, run, { torchFunction: false, method: true }, extras);
}
