import type { Arguments } from '../../objects/arguments';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import { attribute } from '../../torch/data/datasetClasses';
import { runStage, TransformState, type Stage } from './transformState';

/** One transform of `torchvision.transforms`. */
export interface TransformRow {
  name: string;
  /** The constructor's parameters; by default each becomes an attribute of its name. */
  signature: string;
  /** What the constructor sets besides its parameters, or in place of them. */
  attributes?: (args: Arguments, interpreter: Interpreter) => Record<string, PyValue>;
  /** Checks the arguments and makes what the transform does. */
  stage: (args: Arguments, interpreter: Interpreter) => Stage;
  /** What the repr shows between the parentheses: `name=value` for the attributes named, or a text. */
  shown: readonly string[] | ((self: PyInstance, interpreter: Interpreter) => string);
}

function parameterNames(signature: string): string[] {
  return signature
    .split(/,(?![^(]*\))/)
    .map((part) => part.split('=')[0]!.trim())
    .filter((name) => name !== '');
}

/** A value as an f-string shows it in torchvision's reprs: modes by their value. */
export function shownValue(value: PyValue, interpreter: Interpreter): string {
  return interpreter.str(value);
}

/** The class of a row: a callable that runs its stage on images and on tensors. */
export function transformClass(row: TransformRow): PyClass {
  const names = parameterNames(row.signature);
  const call = (self: PyInstance, args: Arguments, interpreter: Interpreter): PyValue => {
    const stage = (self.native as TransformState).stage()!;
    return runStage(stage, args.value('img'), interpreter, row.name);
  };
  const pyClass: PyClass = nativeClass<PyInstance>({
    name: row.name,
    module: 'torchvision.transforms.transforms',
    methods: {
      __init__: [
        row.signature,
        (self, args, interpreter) => {
          for (const name of names) self.attributes.set(name, args.value(name));
          const stage = row.stage(args, interpreter);
          for (const [name, value] of Object.entries(row.attributes?.(args, interpreter) ?? {})) {
            self.attributes.set(name, value);
          }
          self.native = new TransformState(pyClass, () => stage);
        },
      ],
      __call__: ['img', callForward(call)],
      forward: ['img', call],
      __repr__: [
        '',
        (self, _args, interpreter) => {
          const { shown } = row;
          const text =
            typeof shown === 'function'
              ? shown(self, interpreter)
              : shown.map((name) => `${name}=${shownValue(attribute(self, name), interpreter)}`).join(', ');
          return `${self.pyClass.name}(${text})`;
        },
      ],
    },
  });
  return pyClass;
}

type CallBody = (self: PyInstance, args: Arguments, interpreter: Interpreter) => PyValue;

/** A call runs `forward`, which a class of the script may have replaced. */
function callForward(own: CallBody): CallBody {
  return (self, args, interpreter) =>
    (self.native as TransformState).pyClass === self.pyClass
      ? own(self, args, interpreter)
      : interpreter.callMethod(self, 'forward', [args.value('img')]);
}
