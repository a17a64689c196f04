import { PythonError } from '../../../common/errors';
import { cast } from '../../../core/nn/tensorMath';
import { dtypeTable, elementCount, isFloating, type DType } from '../../../core/tensor/dtype';
import { concreteValue } from '../../../core/tensor/value';
import type { Arguments } from '../../objects/arguments';
import { PyTuple } from '../../objects/containers';
import { PyIterator } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import type { MethodRow } from '../../objects/native';
import { PyInstance, type PyClass, type PyValue } from '../../objects/value';
import { checkDevice, parseDevice, PyDevice } from '../devices';
import { PyDtype } from '../dtypes';
import { PyTensor } from '../tensorClass';
import { torchContext } from '../torchContext';
import { HookRegistration } from './hooks';
import {
  addModule,
  buffersOf,
  childrenOf,
  forwardHooksOf,
  forwardPreHooksOf,
  namedMembers,
  namedModules,
  parametersOf,
  registerBuffer,
  registerParameter,
} from './moduleState';
import { loadStateDict, stateDict } from './stateDict';

type ModuleMethod = MethodRow<PyInstance>;

/** A Python generator over values that are there already. */
export function generatorOf(values: readonly PyValue[]): PyIterator {
  return new PyIterator(values[Symbol.iterator](), 'generator');
}

function pairs(entries: readonly { name: string; value: PyValue }[]): PyIterator {
  return generatorOf(entries.map(({ name, value }) => new PyTuple([name, value])));
}

function walkOptions(args: Arguments) {
  return {
    prefix: args.string('prefix'),
    recurse: args.bool('recurse'),
    removeDuplicate: args.bool('remove_duplicate'),
  };
}

/** The direct children, each once. */
function children(self: PyInstance): { name: string; value: PyInstance }[] {
  const seen = new Set<PyInstance>();
  const result: { name: string; value: PyInstance }[] = [];
  for (const [name, value] of childrenOf(self)?.items() ?? []) {
    if (!(value instanceof PyInstance) || seen.has(value)) continue;
    seen.add(value);
    result.push({ name: String(name), value });
  }
  return result;
}

function submodule(self: PyInstance, path: string): PyInstance {
  let current = self;
  for (const part of path === '' ? [] : path.split('.')) {
    const found = childrenOf(current)?.get(part) ?? current.attributes.get(part);
    if (found === undefined) {
      throw new PythonError('AttributeError', `${current.pyClass.name} has no attribute \`${part}\``);
    }
    if (!(found instanceof PyInstance) || !childrenOf(found)) {
      throw new PythonError('AttributeError', `\`${part}\` is not an nn.Module`);
    }
    current = found;
  }
  return current;
}

/** `get_parameter` and `get_buffer`. */
function member(self: PyInstance, target: string, membersOf: typeof parametersOf, kind: string): PyValue {
  const at = target.lastIndexOf('.');
  const owner = submodule(self, at < 0 ? '' : target.slice(0, at));
  const name = target.slice(at + 1);
  const found = membersOf(owner)?.get(name);
  if (found === undefined) {
    const there = owner.attributes.has(name);
    throw new PythonError(
      'AttributeError',
      there ? `\`${name}\` is not an ${kind}` : `${owner.pyClass.name} has no attribute \`${name}\``,
    );
  }
  return found;
}

/** Converts every floating parameter, its gradient and every floating buffer, in place. */
function convert(self: PyInstance, dtype: DType): void {
  const convertTensor = ({ tensor }: PyTensor): void => {
    if (!isFloating(tensor.dtype) || tensor.dtype === dtype) return;
    tensor.tape.withoutGrad(() => tensor.overwrite(cast(tensor.detach(), dtype).value));
    const { grad } = tensor;
    if (grad) tensor.tape.withoutGrad(() => grad.overwrite(cast(grad, dtype).value));
  };
  for (const { value } of namedMembers(self, parametersOf)) convertTensor(value);
  for (const { value } of namedMembers(self, buffersOf)) convertTensor(value);
}

/** `Module.to(device)`, `to(dtype)`, `to(device, dtype)`, `to(tensor)`. */
function moveTo(self: PyInstance, args: Arguments, interpreter: Interpreter): PyInstance {
  const context = torchContext(interpreter);
  const keywords = args.keywords();
  keywords.delete('non_blocking');
  keywords.delete('memory_format');
  for (const value of [...args.rest(), ...keywords.values()]) {
    if (value instanceof PyDtype) {
      const dtype = value.required();
      if (!isFloating(dtype)) {
        throw new PythonError(
          'TypeError',
          `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${interpreter.repr(value)}`,
        );
      }
      convert(self, dtype);
    } else if (value instanceof PyDevice) {
      checkDevice(value, context);
    } else if (typeof value === 'string') {
      checkDevice(parseDevice(value), context);
    } else if (value instanceof PyTensor) {
      convert(self, value.tensor.dtype);
    } else if (typeof value === 'bigint') {
      checkDevice(new PyDevice('cuda', Number(value)), context);
    }
  }
  return self;
}

function zeroGrad(self: PyInstance, setToNone: boolean): void {
  for (const { value } of namedMembers(self, parametersOf)) {
    const { tensor } = value;
    if (!tensor.grad) continue;
    if (setToNone) {
      tensor.grad = null;
      continue;
    }
    const { shape, dtype } = tensor.grad;
    tensor.grad.gradFn = null;
    tensor.grad.overwrite(concreteValue(dtypeTable[dtype].allocate(elementCount(shape)), shape, dtype));
  }
}

function setTraining(self: PyInstance, mode: PyValue, interpreter: Interpreter): PyInstance {
  if (typeof mode !== 'boolean') throw new PythonError('ValueError', 'training mode is expected to be boolean');
  interpreter.setAttribute(self, 'training', mode);
  for (const { value } of children(self)) interpreter.callMethod(value, 'train', [mode]);
  return self;
}

function refuse(what: string): ModuleMethod {
  return [
    '*args, **kwargs',
    () => {
      throw new PythonError('NotImplementedError', `Gradstep has no ${what}`);
    },
  ];
}

const memberWalk = "prefix='', recurse=True, remove_duplicate=True";

/** The methods of `torch.nn.Module` that don't concern attributes and calls. */
export function moduleMethods(moduleClass: () => PyClass): Record<string, ModuleMethod> {
  const register: ModuleMethod = [
    'name, module',
    (self, args, interpreter) => addModule(self, args.value('name'), args.value('module'), moduleClass(), interpreter),
  ];
  return {
    add_module: register,
    register_module: register,
    register_parameter: [
      'name, param',
      (self, args, interpreter) => registerParameter(self, args.value('name'), args.value('param'), interpreter),
    ],
    register_buffer: [
      'name, tensor, persistent=True',
      (self, args, interpreter) =>
        registerBuffer(self, args.value('name'), args.value('tensor'), args.bool('persistent'), interpreter),
    ],
    parameters: [
      'recurse=True',
      (self, args) =>
        generatorOf(namedMembers(self, parametersOf, { recurse: args.bool('recurse') }).map(({ value }) => value)),
    ],
    named_parameters: [memberWalk, (self, args) => pairs(namedMembers(self, parametersOf, walkOptions(args)))],
    buffers: [
      'recurse=True',
      (self, args) =>
        generatorOf(namedMembers(self, buffersOf, { recurse: args.bool('recurse') }).map(({ value }) => value)),
    ],
    named_buffers: [memberWalk, (self, args) => pairs(namedMembers(self, buffersOf, walkOptions(args)))],
    children: ['', (self) => generatorOf(children(self).map(({ value }) => value))],
    named_children: ['', (self) => pairs(children(self))],
    modules: ['remove_duplicate=True', (self) => generatorOf(namedModules(self).map(({ module }) => module))],
    named_modules: [
      "memo=None, prefix='', remove_duplicate=True",
      (self, args) =>
        pairs(
          namedModules(self, args.string('prefix'), args.bool('remove_duplicate')).map(({ name, module }) => ({
            name,
            value: module,
          })),
        ),
    ],
    get_submodule: ['target', (self, args) => submodule(self, args.string('target'))],
    get_parameter: ['target', (self, args) => member(self, args.string('target'), parametersOf, 'nn.Parameter')],
    get_buffer: ['target', (self, args) => member(self, args.string('target'), buffersOf, 'buffer')],
    train: ['mode=True', (self, args, interpreter) => setTraining(self, args.value('mode'), interpreter)],
    eval: ['', (self, _args, interpreter) => interpreter.callMethod(self, 'train', [false])],
    requires_grad_: [
      'requires_grad=True',
      (self, args) => {
        for (const { value } of namedMembers(self, parametersOf)) {
          value.tensor.setRequiresGrad(args.bool('requires_grad'));
        }
        return self;
      },
    ],
    zero_grad: [
      'set_to_none=True',
      (self, args, interpreter) => {
        zeroGrad(self, args.bool('set_to_none'));
        torchContext(interpreter).recorder.record('zero_grad', { subject: self });
      },
    ],
    apply: [
      'fn',
      (self, args, interpreter) => {
        for (const { value } of children(self)) interpreter.callMethod(value, 'apply', [args.value('fn')]);
        interpreter.call(args.value('fn'), [self]);
        return self;
      },
    ],
    state_dict: [
      "*args, destination=None, prefix='', keep_vars=False",
      (self, args, interpreter) => stateDict(self, args.string('prefix'), args.bool('keep_vars'), interpreter),
    ],
    load_state_dict: [
      'state_dict, strict=True, assign=False',
      (self, args, interpreter) =>
        loadStateDict(self, args.value('state_dict'), args.bool('strict'), args.bool('assign'), interpreter),
    ],
    to: ['*args, **kwargs', moveTo],
    cpu: ['', (self) => self],
    cuda: [
      'device=None',
      (self, _args, interpreter) => {
        checkDevice(new PyDevice('cuda', null), torchContext(interpreter));
        return self;
      },
    ],
    float: [
      '',
      (self) => {
        convert(self, 'float32');
        return self;
      },
    ],
    double: [
      '',
      (self) => {
        convert(self, 'float64');
        return self;
      },
    ],
    half: refuse('half precision'),
    bfloat16: refuse('half precision'),
    compile: ['*args, **kwargs', () => null],
    share_memory: ['', (self) => self],
    register_forward_hook: [
      'hook, *, prepend=False, with_kwargs=False, always_call=False',
      (self, args) => new HookRegistration(args.value('hook'), forwardHooksOf(self)!),
    ],
    register_forward_pre_hook: [
      'hook, *, prepend=False, with_kwargs=False',
      (self, args) => new HookRegistration(args.value('hook'), forwardPreHooksOf(self)!),
    ],
    register_full_backward_hook: refuse('backward hooks of modules'),
    register_backward_hook: refuse('backward hooks of modules'),
    _get_name: ['', (self) => self.pyClass.name],
    extra_repr: ['', () => ''],
  };
}
