import { PythonError } from '../../../common/errors';
import type { EventDetails } from '../../../core/training/recorder';
import type { Tensor } from '../../../core/tensor/tensor';
import { PyTuple } from '../../objects/containers';
import { NativeFunction } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import type { PyInstance } from '../../objects/value';
import { type PyClass, type PyValue } from '../../objects/value';
import { PyTensor } from '../tensorClass';
import { torchContext } from '../torchContext';
import { HookRegistration } from './hooks';
import {
  childrenOf,
  creationLineOf,
  forwardHooksOf,
  forwardPreHooksOf,
  hasParameters,
  namedMembers,
  namedModules,
  TreeSnapshot,
  parametersOf,
} from './moduleState';

type LayerOutput = NonNullable<EventDetails['layers']>[number];

/** What is known of a module that the script calls from outside of any module. */
interface RootFacts {
  snapshot: TreeSnapshot;
  paths: ReadonlyMap<PyInstance, string>;
  hasParameters: boolean;
}

/** The module calls under way in one run. */
class CallTracker {
  depth = 0;
  paths: ReadonlyMap<PyInstance, string> = new Map();
  layers: LayerOutput[] = [];
  /** The outermost module's `forward` is none of the script's functions. */
  rootIsNative = false;
  private readonly roots = new WeakMap<PyInstance, RootFacts>();

  /** The paths below a root; also names its parameters, for readable graphs. */
  factsOf(root: PyInstance): RootFacts {
    let facts = this.roots.get(root);
    if (!facts?.snapshot.current) {
      for (const { name, value } of namedMembers(root, parametersOf)) {
        nameParameter(value.tensor, name);
      }
      facts = {
        snapshot: new TreeSnapshot(root),
        paths: new Map(namedModules(root).map(({ name, module }) => [module, name])),
        hasParameters: hasParameters(root),
      };
      this.roots.set(root, facts);
    }
    return facts;
  }
}

/** A module that is also called by itself doesn't shorten the names that its owner gave. */
function nameParameter(tensor: Tensor, name: string): void {
  if (tensor.name?.endsWith(`.${name}`)) return;
  tensor.name = name;
  tensor.value.label = name;
}

const trackers = new WeakMap<Interpreter, CallTracker>();

function trackerOf(interpreter: Interpreter): CallTracker {
  let tracker = trackers.get(interpreter);
  if (!tracker) {
    tracker = new CallTracker();
    trackers.set(interpreter, tracker);
  }
  return tracker;
}

/** True while a module's `forward` runs: what happens there is no training event of its own. */
export function insideModuleCall(interpreter: Interpreter): boolean {
  return trackerOf(interpreter).depth > 0;
}

/**
 * `Module.__call__`: hooks and forward; the outermost call is a training event.
 * @param lossClass the class of losses, whose outermost call is the event `loss`
 */
export function callModule(
  self: PyInstance,
  args: readonly PyValue[],
  keywords: ReadonlyMap<string, PyValue>,
  lossClass: PyClass,
  interpreter: Interpreter,
): PyValue {
  const tracker = trackerOf(interpreter);
  const { tape, recorder } = torchContext(interpreter);
  const outermost = tracker.depth === 0;
  const facts = outermost ? tracker.factsOf(self) : null;
  if (facts) {
    tracker.paths = facts.paths;
    tracker.layers = [];
    tracker.rootIsNative = hasNativeForward(self);
  }
  const path = tracker.paths.get(self) ?? self.pyClass.name;
  tracker.depth++;
  let result: PyValue;
  try {
    result = tape.inModule(path, () => callWithHooks(self, args, keywords, interpreter));
  } finally {
    tracker.depth--;
  }
  const isLoss = self.pyClass.isSubclassOf(lossClass);
  // A rest at the layer runs what is pending, and its output forgets its node.
  if (!facts && result instanceof PyTensor) tracker.layers.push(layerOutput(path, self, result.tensor));
  if (recorder.layer && result instanceof PyTensor && !isLoss && isLayer(self)) {
    const inputs = tensorsOf([...args, ...keywords.values()]);
    const line = creationLineOf(self) ?? interpreter.currentLine();
    const { type, output } = layerOutput(path, self, result.tensor);
    recorder.layer({ path, type, line, inputs, output, direct: tracker.rootIsNative });
  }
  if (!facts) return result;
  const { layers } = tracker;
  if (isLoss) {
    if (result instanceof PyTensor) recordLoss(result.tensor, args[1], interpreter);
  } else if (facts.hasParameters && result instanceof PyTensor) {
    const output = result.tensor;
    output.value.keep = true;
    recorder.record('forward', { output, inputs: tensorsOf([...args, ...keywords.values()]), layers });
  }
  return result;
}

/** The event `loss`. */
export function recordLoss(loss: Tensor, target: PyValue | undefined, interpreter: Interpreter): void {
  loss.value.keep = true;
  torchContext(interpreter).recorder.record('loss', {
    loss,
    ...(target instanceof PyTensor ? { target: target.tensor } : {}),
  });
}

/** Not for modules that the script can be followed into, and not for those that only hold others. */
function isLayer(module: PyInstance): boolean {
  return (childrenOf(module)?.items().length ?? 0) === 0 && hasNativeForward(module);
}

function hasNativeForward(module: PyInstance): boolean {
  return module.pyClass.lookup('forward') instanceof NativeFunction;
}

function layerOutput(path: string, module: PyInstance, output: Tensor): LayerOutput {
  const { value } = output;
  return { path, type: module.pyClass.name, output, node: value.node };
}

function tensorsOf(values: readonly PyValue[]): Tensor[] {
  return values.flatMap((value) => (value instanceof PyTensor ? [value.tensor] : []));
}

function callWithHooks(
  self: PyInstance,
  args: readonly PyValue[],
  keywords: ReadonlyMap<string, PyValue>,
  interpreter: Interpreter,
): PyValue {
  const forward = interpreter.findAttribute(self, 'forward');
  if (forward === undefined) {
    throw new PythonError(
      'NotImplementedError',
      `Module [${self.pyClass.name}] is missing the required "forward" function`,
    );
  }
  let inputs = args;
  for (const hook of hooksOf(forwardPreHooksOf(self)?.values())) {
    const changed = interpreter.call(hook, [self, new PyTuple(inputs)]);
    if (changed !== null) inputs = changed instanceof PyTuple ? changed.items : [changed];
  }
  let result = interpreter.call(forward, inputs, keywords.size > 0 ? keywords : null);
  for (const hook of hooksOf(forwardHooksOf(self)?.values())) {
    const changed = interpreter.call(hook, [self, new PyTuple(inputs), result]);
    if (changed !== null) result = changed;
  }
  return result;
}

function hooksOf(registrations: readonly PyValue[] | undefined): PyValue[] {
  return (registrations ?? []).map((entry) => (entry instanceof HookRegistration ? entry.hook : entry));
}
