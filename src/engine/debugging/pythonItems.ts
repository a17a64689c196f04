import type { Tensor } from '../../core/tensor/tensor';
import type { TrainingState } from '../../core/training/trainingState';
import type { Runtime } from '../../script/interpreter/runtime';
import { PyDict, PyList, PySet, PyTuple } from '../../script/objects/containers';
import { NativeFunction, PyBoundMethod, PyFunction, PyModule } from '../../script/objects/functions';
import { typeName } from '../../script/objects/arguments';
import { PyClass, PyInstance, PyObject, type PyValue } from '../../script/objects/value';
import { isModule } from '../../script/torch/nn/moduleClass';
import { buffersOf, childrenOf as submodulesOf, parametersOf } from '../../script/torch/nn/moduleState';
import { NdArray } from '../../script/torch/ndArray';
import { PyTensor } from '../../script/torch/tensorClass';
import { describeArray, elementsOf, partOf, type ReadValue } from './arrayItems';
import { childrenOf, noAccess, plainItem, type Access, type Children, type VariableItem } from './variableItem';
import { valueText } from './valueText';

/** Python's values as variables. */
export class PythonItems {
  constructor(
    private readonly runtime: Runtime,
    private readonly state: TrainingState,
    private readonly read: ReadValue,
  ) {}

  /** @param access `dataId` may be left to what the value is: a parameter or a gradient has its own */
  item(name: string, value: PyValue, access: Access): VariableItem {
    const type = typeName(value);
    if (value instanceof PyTensor) return this.tensorItem(name, value.tensor, access);
    if (value instanceof NdArray) {
      const part = partOf(value.tensor.value, this.read);
      const readOnly = { ...access, target: null };
      return { name, text: describeArray(part), type, children: elementsOf(part, readOnly, []), access };
    }
    return { name, text: valueText(this.runtime, value), type, children: this.childrenOfValue(value, access), access };
  }

  tensorItem(name: string, tensor: Tensor, access: Access, dataId: string | null = null): VariableItem {
    const part = partOf(tensor.value, this.read);
    const parameter = dataId === null ? this.parameterName(tensor) : null;
    const own = dataId ?? (parameter === null ? access.dataId : `parameter:${parameter}`);
    const { backwards } = tensor.storage;
    const summed = backwards !== null && backwards > 1 ? ` · ${backwards} backward passes summed` : '';
    const elements = elementsOf(part, { ...access, target: access.evaluateName }, []);
    const facts = this.tensorFacts(tensor, access, parameter);
    const made = (): VariableItem[] => facts.map((make) => make());
    return {
      name,
      text: describeArray(part) + summed,
      type: tensor.isParameter ? 'Parameter' : 'Tensor',
      children: childrenOf(facts.length, made, elements?.indexed ?? 0, (i) => elements!.indexedItem(i)),
      access: { ...access, dataId: own },
    };
  }

  private parameterName(tensor: Tensor): string | null {
    return this.state.parameters().find(([, parameter]) => parameter === tensor)?.[0] ?? null;
  }

  /** The gradient, and what of autograd is asked for most. */
  private tensorFacts(tensor: Tensor, { evaluateName }: Access, parameter: string | null): (() => VariableItem)[] {
    const member = (name: string): Access =>
      evaluateName === null ? noAccess : { ...noAccess, evaluateName: `${evaluateName}.${name}` };
    const fact = (name: string, text: string, type: string): VariableItem => ({
      ...plainItem(name, text, type),
      access: member(name),
    });
    const { grad, requiresGrad, gradFn } = tensor;
    const dataId = parameter === null ? null : `gradient:${parameter}`;
    const gradient = (): VariableItem =>
      grad
        ? this.tensorItem('grad', grad, member('grad'), dataId)
        : { ...fact('grad', 'None', 'NoneType'), access: { ...member('grad'), dataId } };
    return [
      ...(requiresGrad || grad ? [gradient] : []),
      () => fact('requires_grad', requiresGrad ? 'True' : 'False', 'bool'),
      ...(gradFn ? [() => fact('grad_fn', gradFn.record.name, 'Node')] : []),
    ];
  }

  private childrenOfValue(value: PyValue, access: Access): Children | null {
    if (value instanceof PyList || value instanceof PyTuple) {
      const isList = value instanceof PyList;
      return this.sequence(value.items, (index) => elementOf(access, String(index), isList));
    }
    if (value instanceof PySet) return this.sequence(value.items(), () => noAccess);
    if (value instanceof PyDict) return this.dict(value, access);
    if (!(value instanceof PyInstance)) return null;
    const { attributes } = value;
    const members = isModule(value) ? moduleMembers(value) : [...attributes];
    if (members.length === 0) return null;
    return childrenOf(members.length, () =>
      members.map(([name, member]) => this.item(name, member, memberOf(access, name))),
    );
  }

  private sequence(items: readonly PyValue[], accessOf: (index: number) => Access): Children | null {
    if (items.length === 0) return null;
    return childrenOf(
      0,
      () => [],
      items.length,
      (i) => this.item(String(i), items[i]!, accessOf(i)),
    );
  }

  private dict(dict: PyDict, access: Access): Children | null {
    if (dict.size === 0) return null;
    const items = (): VariableItem[] =>
      dict.items().map(([key, value]) => {
        const text = valueText(this.runtime, key);
        const isScalar = !(key instanceof PyObject);
        return this.item(text, value, isScalar ? elementOf(access, text, true) : noAccess);
      });
    return childrenOf(dict.size, items);
  }
}

type Member = readonly [name: string, value: PyValue];

/** Submodules, parameters and buffers before what the script has set besides. */
function moduleMembers(module: PyInstance): Member[] {
  const registered = [submodulesOf(module), parametersOf(module), buffersOf(module)].flatMap((dict) =>
    (dict?.items() ?? []).map(([key, value]): Member => [String(key), value]),
  );
  const own = [...module.attributes].filter(([name]) => !name.startsWith('_') && name !== 'training');
  const training = module.attributes.get('training');
  return [...registered, ...own, ...(training === undefined ? [] : [['training', training] as const])];
}

/** Functions, classes and modules: what a script defines and imports, and never what it computes. */
export function isDefinition(value: PyValue): boolean {
  return (
    value instanceof PyModule ||
    value instanceof PyClass ||
    value instanceof PyFunction ||
    value instanceof NativeFunction ||
    (value instanceof PyBoundMethod && value.callee instanceof NativeFunction)
  );
}

/** `model.layers[0]`: what is registered under a number is reached by its index. */
export function memberOf({ evaluateName, dataId }: Access, name: string): Access {
  if (evaluateName === null) return noAccess;
  const expression = /^\d+$/.test(name) ? `${evaluateName}[${name}]` : `${evaluateName}.${name}`;
  return { evaluateName: expression, target: expression, dataId: innerDataId(dataId, expression) };
}

function elementOf({ evaluateName, dataId }: Access, key: string, writable: boolean): Access {
  if (evaluateName === null) return noAccess;
  const expression = `${evaluateName}[${key}]`;
  return { evaluateName: expression, target: writable ? expression : null, dataId: innerDataId(dataId, expression) };
}

/** Within the same function as what it is a part of. */
function innerDataId(outer: string | null, expression: string): string | null {
  const prefix = /^variable:[^:]*:/.exec(outer ?? '');
  return prefix && `${prefix[0]}${expression}`;
}
