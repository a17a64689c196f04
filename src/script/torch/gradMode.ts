import { NativeFunction } from '../objects/functions';
import { nativeClass } from '../objects/native';
import { PyInstance, type PyClass, type PyValue } from '../objects/value';
import type { Interpreter } from '../objects/interpreter';
import { torchContext } from './torchContext';

/** What a context manager of the gradient mode remembers. */
interface ModeState {
  /** The mode inside. */
  enabled: boolean;
  /** The modes outside, one for each `with` that is open. */
  before: boolean[];
}

function stateOf(self: PyInstance): ModeState {
  return self.native as ModeState;
}

function withMode(enabled: boolean, interpreter: Interpreter, body: () => PyValue): PyValue {
  const { tape } = torchContext(interpreter);
  const before = tape.gradEnabled;
  tape.gradEnabled = enabled;
  try {
    return body();
  } finally {
    tape.gradEnabled = before;
  }
}

/** A function that runs another one in a gradient mode: what the decorator gives. */
function decorated(callee: PyValue, enabled: boolean, interpreter: Interpreter): PyValue {
  const name = interpreter.findAttribute(callee, '__name__');
  return new NativeFunction(
    typeof name === 'string' ? name : 'wrapper',
    (args, keywords, caller) => withMode(enabled, caller, () => caller.call(callee, args, keywords)),
    null,
    true,
  );
}

const managerMethods = {
  __enter__: [
    '',
    (self: PyInstance, _args: unknown, interpreter: Interpreter) => {
      const { tape } = torchContext(interpreter);
      stateOf(self).before.push(tape.gradEnabled);
      tape.gradEnabled = stateOf(self).enabled;
    },
  ],
  __exit__: [
    'type, value, traceback',
    (self: PyInstance, _args: unknown, interpreter: Interpreter) => {
      torchContext(interpreter).tape.gradEnabled = stateOf(self).before.pop() ?? true;
      return false;
    },
  ],
} as const;

/** `torch.no_grad`, `torch.enable_grad`: with and without parentheses, as context managers and as decorators. */
function fixedMode(name: string, module: string, enabled: boolean): PyClass {
  const pyClass: PyClass = nativeClass<PyInstance>({
    name,
    module,
    methods: {
      ...managerMethods,
      __call__: [
        'function',
        (self, args, interpreter) => decorated(args.value('function'), stateOf(self).enabled, interpreter),
      ],
    },
    staticMethods: {
      __new__: [
        'cls, orig_func=None',
        (args, interpreter) => {
          const callee = args.value('orig_func');
          if (callee !== null && typeof callee !== 'boolean') return decorated(callee, enabled, interpreter);
          return manager(pyClass, callee === false ? !enabled : enabled);
        },
      ],
    },
  });
  return pyClass;
}

function manager(pyClass: PyClass, enabled: boolean): PyInstance {
  const instance = new PyInstance(pyClass);
  instance.native = { enabled, before: [] } satisfies ModeState;
  return instance;
}

const gradModeModule = 'torch.autograd.grad_mode';

export const noGradClass = fixedMode('no_grad', gradModeModule, false);
export const enableGradClass = fixedMode('enable_grad', gradModeModule, true);
/** Like `no_grad`; inference tensors' own restrictions are not kept. */
export const inferenceModeClass = fixedMode('inference_mode', gradModeModule, false);

/** `torch.set_grad_enabled(mode)`: sets the mode at once; as a context manager it sets it back. */
export const setGradEnabledClass: PyClass = nativeClass<PyInstance>({
  name: 'set_grad_enabled',
  module: gradModeModule,
  methods: {
    __enter__: ['', () => null],
    __exit__: managerMethods.__exit__,
    __call__: [
      'function',
      (self, args, interpreter) => {
        torchContext(interpreter).tape.gradEnabled = stateOf(self).before.pop() ?? true;
        return decorated(args.value('function'), stateOf(self).enabled, interpreter);
      },
    ],
    __repr__: ['', (self) => `${gradModeModule}.set_grad_enabled(mode=${stateOf(self).enabled ? 'True' : 'False'})`],
  },
  staticMethods: {
    __new__: [
      'cls, mode',
      (args, interpreter) => {
        const { tape } = torchContext(interpreter);
        const instance = manager(setGradEnabledClass, interpreter.isTrue(args.value('mode')));
        stateOf(instance).before.push(tape.gradEnabled);
        tape.gradEnabled = stateOf(instance).enabled;
        return instance;
      },
    ],
  },
});
