import { GradstepError } from '../../common/errors';
import { elementCount } from '../../core/tensor/dtype';
import type { Runtime } from '../../script/interpreter/runtime';
import { PyDict, PyList, PySet, PyTuple } from '../../script/objects/containers';
import { PyException } from '../../script/objects/exceptions';
import { PyFunction } from '../../script/objects/functions';
import { PyInstance, type PyValue } from '../../script/objects/value';
import { isModule } from '../../script/torch/nn/moduleClass';
import { childrenOf, namedMembers, parametersOf } from '../../script/torch/nn/moduleState';
import { optimizerClass, parameterGroupsOf } from '../../script/torch/optim/optimizerClass';
import { PyTensor } from '../../script/torch/tensorClass';
import { NdArray } from '../../script/torch/ndArray';

/** Where a container's text is cut. */
const longestContainer = 120;
const longestText = 500;

/** A value in one line, as Python writes it where that is short; nothing of the script is run that could change things. */
export function valueText(runtime: Runtime, value: PyValue): string {
  try {
    return oneLine(describe(runtime, value, longestContainer));
  } catch (error) {
    if (!(error instanceof PyException || error instanceof GradstepError)) throw error;
    const message = error instanceof PyException ? runtime.str(error.value) : error.message;
    return `<can't be shown: ${message}>`;
  }
}

function describe(runtime: Runtime, value: PyValue, room: number): string {
  if (value instanceof PyTensor || value instanceof NdArray) {
    const { dtype, shape } = value.tensor;
    return `${value.pyClass.name} ${dtype} [${shape.join(', ')}]`;
  }
  if (value instanceof PyList) return container(runtime, '[', value.items, ']', room);
  if (value instanceof PyTuple && value.pyClass.name === 'tuple') {
    return container(runtime, '(', value.items, value.items.length === 1 ? ',)' : ')', room);
  }
  if (value instanceof PySet && value.size > 0) return container(runtime, '{', value.items(), '}', room);
  if (value instanceof PyDict) return dictText(runtime, value, room);
  if (value instanceof PyInstance) return instanceText(runtime, value);
  return runtime.repr(value);
}

function container(runtime: Runtime, open: string, items: readonly PyValue[], close: string, room: number): string {
  return joined(open, items.length, (i) => describe(runtime, items[i]!, room / 2), close, room);
}

function dictText(runtime: Runtime, dict: PyDict, room: number): string {
  const entries = dict.items();
  const entry = (i: number): string => {
    const [key, value] = entries[i]!;
    return `${describe(runtime, key, room / 2)}: ${describe(runtime, value, room / 2)}`;
  };
  return joined('{', entries.length, entry, '}', room);
}

function joined(open: string, count: number, item: (index: number) => string, close: string, room: number): string {
  const shown: string[] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    const text = item(i);
    length += text.length + 2;
    if (length > room && i > 0) return `${open}${shown.join(', ')}, …${close} ${count} items`;
    shown.push(text);
  }
  return `${open}${shown.join(', ')}${close}`;
}

function instanceText(runtime: Runtime, value: PyInstance): string {
  const { pyClass } = value;
  if (isModule(value) && (childrenOf(value)?.size ?? 0) > 0) return moduleText(value);
  if (pyClass.isSubclassOf(optimizerClass)) {
    const rates = parameterGroupsOf(value).map((group) => runtime.repr(group.get('lr') ?? null));
    return `${pyClass.name}(lr=${rates.join(', ')})`;
  }
  const method = pyClass.lookup('__repr__');
  if (method instanceof PyFunction && !method.pure) return `${pyClass.name} object`;
  return runtime.repr(value);
}

function moduleText(module: PyInstance): string {
  const layers = childrenOf(module)?.size ?? 0;
  const parameters = namedMembers(module, parametersOf).reduce(
    (sum, { value }) => sum + elementCount(value.tensor.shape),
    0,
  );
  return `${module.pyClass.name}(${layers} ${layers === 1 ? 'layer' : 'layers'}, ${parameters} parameters)`;
}

function oneLine(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  return line.length > longestText ? `${line.slice(0, longestText)}…` : line;
}
