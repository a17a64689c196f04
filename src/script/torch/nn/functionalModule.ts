import { flatten } from '../../../core/nn/functional/flatten';
import { functionalOperations } from '../../../core/nn/functional/functionalTable';
import { operation, required, withDefault, type Operation } from '../../../core/operation';
import { NativeFunction, PyModule } from '../../objects/functions';
import type { ModuleRow } from '../../objects/interpreter';
import type { PyValue } from '../../objects/value';
import { bindOperation } from '../bindOperation';
import { PyTensor } from '../tensorClass';
import { insideModuleCall, recordLoss } from './moduleCall';

/** The functions whose call from the script, outside of any module, is the event `loss`. */
const lossFunctions = new Set(['cross_entropy', 'nll_loss', 'mse_loss', 'l1_loss']);

/** Functions that PyTorch writes in C++: their argument errors have PyTorch's own words. */
const builtinFunctions = new Set([
  'adaptive_avg_pool1d',
  'avg_pool1d',
  'avg_pool2d',
  'conv1d',
  'conv2d',
  'cosine_similarity',
  'gelu',
  'hardshrink',
  'linear',
  'logsigmoid',
  'one_hot',
  'pairwise_distance',
  'prelu',
  'scaled_dot_product_attention',
  'softplus',
  'softshrink',
]);

/** Functions that write into their first argument: `relu_` is `relu(inplace=True)`. */
const inPlaceFunctions = ['celu', 'elu', 'hardtanh', 'leaky_relu', 'relu', 'selu', 'threshold'];

const flattenOperation: Operation = operation(
  'flatten',
  { input: required('tensor'), start_dim: withDefault('int', 0), end_dim: withDefault('int', -1) },
  ({ input, start_dim, end_dim }) => flatten(input, start_dim, end_dim),
);

function bind(row: Operation): NativeFunction {
  const words = builtinFunctions.has(row.name) ? 'builtin' : 'python';
  const bound = bindOperation(row, { words });
  if (words === 'python') bound.attributes!.set('__module__', 'torch.nn.functional');
  return lossFunctions.has(row.name) ? withLossEvent(bound) : bound;
}

function withLossEvent(bound: NativeFunction): NativeFunction {
  return new NativeFunction(
    bound.name,
    (args, keywords, interpreter) => {
      const result = bound.body(args, keywords, interpreter);
      if (result instanceof PyTensor && !insideModuleCall(interpreter)) {
        recordLoss(result.tensor, args[1] ?? keywords?.get('target'), interpreter);
      }
      return result;
    },
    bound.signature,
  );
}

function inPlace(functions: Record<string, NativeFunction>, name: string): NativeFunction {
  const plain = functions[name]!;
  return new NativeFunction(
    `${name}_`,
    (args, keywords, interpreter) => {
      const named = new Map<string, PyValue>(keywords ?? []);
      return plain.body(args, named.set('inplace', true), interpreter);
    },
    plain.signature,
  );
}

/** `torch.nn.functional`. */
export const functionalModule: ModuleRow = {
  name: 'torch.nn.functional',
  build: () => {
    const functions = Object.fromEntries(functionalOperations.map((row) => [row.name, bind(row)]));
    return new PyModule('torch.nn.functional', {
      ...functions,
      ...Object.fromEntries(inPlaceFunctions.map((name) => [`${name}_`, inPlace(functions, name)])),
      flatten: bindOperation(flattenOperation),
    });
  },
};
