import { GradstepError } from '../../common/errors';
import type { QuietGuard } from '../interpreter/base';
import { PyGenerator } from '../interpreter/generators';
import { NativeFunction, PyFunction, PyIterator } from '../objects/functions';
import { bytesClass, strClass, tupleClass } from '../objects/coreClasses';
import { PyClass, PyInstance, type PyValue } from '../objects/value';
import { ndArrayClass } from '../torch/ndArray';
import { tensorClass } from '../torch/tensorClass';

/** What a debugger's own functions are called: the wrapping of an expression. */
export const wrapperName = '<debugger>';

/** Methods that change what they are called on, by why; a tensor's of the same names make a new tensor. */
const loudMethods: Readonly<Record<string, readonly string[]>> = {
  'changes a container': [
    ...['append', 'extend', 'insert', 'pop', 'popitem', 'popleft', 'appendleft', 'extendleft', 'remove', 'clear'],
    ...['sort', 'reverse', 'rotate', 'update', 'setdefault', 'add', 'discard', 'intersection_update', 'subtract'],
    ...['difference_update', 'symmetric_difference_update', 'move_to_end'],
  ],
  'changes an object': [
    ...['train', 'eval', 'apply', 'register_buffer', 'cuda', 'cpu', 'to', 'float', 'double', 'half', 'bfloat16'],
    ...['register_parameter', 'register_module', 'add_module', 'load_state_dict', 'add_param_group', 'fill', 'put'],
    ...['register_forward_hook', 'register_forward_pre_hook', 'share_memory', 'type', 'resize', 'itemset'],
  ],
};

/** Natives that change something, by why. Those whose names end in `_` work in place and are refused as well. */
const loudNatives: Readonly<Record<string, readonly string[]>> = {
  'changes an object': [
    ...['setattr', 'delattr', '__setattr__', '__delattr__', '__setitem__', '__delitem__', 'register_hook'],
    ...['retain_grad', 'set_grad_enabled', 'set_default_dtype', 'set_printoptions', 'set_num_threads'],
    ...['vector_to_parameters', 'clip_grad_norm', 'clip_grad_value'],
  ],
  'is a step of the training': ['zero_grad', 'backward', 'step', 'grad'],
  'draws random numbers': [
    ...['rand', 'randn', 'randint', 'randperm', 'rand_like', 'randn_like', 'randint_like', 'normal', 'bernoulli'],
    ...['multinomial', 'dropout', 'dropout2d', 'manual_seed', 'seed', 'random', 'uniform', 'gauss', 'choice'],
    ...['choices', 'sample', 'shuffle', 'permutation', 'standard_normal', 'random_sample', 'poisson', 'setstate'],
    ...['random_split', 'set_rng_state', 'set_state', 'default_rng', 'randrange', 'triangular', 'betavariate'],
    ...['alpha_dropout', 'feature_alpha_dropout', 'gumbel_softmax', 'expovariate', 'normalvariate'],
  ],
  'consumes an iterator': ['next', '__next__', 'send', 'throw', 'close'],
  'has an effect outside of the script': [
    ...['print', 'open', 'input', 'write', 'writelines', 'save', 'savetxt', 'exec', 'eval', 'compile', '__import__'],
    ...['exit', 'quit', 'sleep', 'warn', 'simplefilter', 'filterwarnings', 'set_postfix', 'set_description', 'flush'],
  ],
};

const nativeReasons = reasonsByName(loudNatives);
const methodReasons = reasonsByName(loudMethods);

function reasonsByName(names: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(names).flatMap(([reason, own]) => own.map((name) => [name, reason] as const)));
}

/** Their methods make new values. */
const valueClasses: ReadonlySet<PyClass> = new Set([tensorClass, ndArrayClass, strClass, bytesClass, tupleClass]);

/** Classes of ours whose making draws random numbers or ties objects together. */
const loudClasses: ReadonlySet<string> = new Set(['Module', 'Optimizer', 'LRScheduler', 'DataLoader', 'Generator']);

/** Lets pass what only reads. */
export class ReadingGuard implements QuietGuard {
  private permitted = false;

  /** @param iterators those that were there before: they must not be advanced */
  constructor(private readonly iterators: ReadonlySet<PyValue>) {}

  call(callee: PyValue): void {
    if (callee instanceof PyFunction) {
      this.permitted = callee.pure || callee.name === wrapperName || callee.name === '<lambda>';
      if (!this.permitted) throw refusal(`${callee.qualifiedName}()`, 'runs a function of the script');
    } else if (callee instanceof NativeFunction) {
      const { name, owner } = callee;
      const inPlace = name.endsWith('_') && !name.endsWith('__') ? 'works in place' : undefined;
      const isOfObject = owner !== null && !valueClasses.has(owner);
      const reason = nativeReasons.get(name) ?? (isOfObject ? methodReasons.get(name) : undefined) ?? inPlace;
      if (reason !== undefined) throw refusal(`${name}()`, reason);
    } else if (callee instanceof PyClass) {
      const isLoud = callee.owner !== null || callee.mro.some(({ name }) => loudClasses.has(name));
      if (isLoud) throw refusal(`${callee.name}()`, 'makes an object, which may do anything');
    } else if (callee instanceof PyInstance)
      throw refusal(`a ${callee.pyClass.name}`, 'is called, which may do anything');
  }

  enter(functionName: string): void {
    const isOwn = this.permitted || functionName === wrapperName;
    this.permitted = false;
    if (!isOwn) throw refusal(`${functionName}()`, 'runs a function of the script');
  }

  iterate(target: PyValue): void {
    if (this.iterators.has(target)) throw refusal('an iterator', 'would be consumed');
    if (target instanceof PyInstance && target.pyClass.mro.some(({ name }) => name === 'DataLoader')) {
      throw refusal('a DataLoader', 'would begin an epoch');
    }
  }
}

export function isIterator(value: PyValue): boolean {
  return value instanceof PyGenerator || value instanceof PyIterator;
}

export function refusal(what: string, why: string): GradstepError {
  return new GradstepError(`${what} ${why}`, {
    code: 'debug.quiet',
    hint: 'A watched or hovered expression must change nothing. The debug console evaluates it.',
  });
}
