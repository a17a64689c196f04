import { PythonError } from '../../../common/errors';
import {
  initializeCommon,
  Schedule,
  type ScheduleArgument,
  type ScheduledOptimizer,
  type ScheduleRow,
} from '../../../core/lrScheduler/schedule';
import { createSchedule, scheduleTable } from '../../../core/lrScheduler/scheduleTable';
import { toFloat64 } from '../../builtins/scalarTypes';
import { PyDict, PyList } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import type { Arguments } from '../../objects/arguments';
import { typeName } from '../../objects/arguments';
import { nativeClass } from '../../objects/native';
import { PyInstance, type PyClass, type PyValue } from '../../objects/value';
import { PyTensor } from '../tensorClass';
import { torchContext } from '../torchContext';
import { optimizerClass } from './optimizerClass';
import { viewOptimizer } from './scheduledOptimizer';
import { scheduleArgument, stateFromPython, stateToPython } from './scheduleValues';

/** `torch.optim.lr_scheduler.LRScheduler`; a class of the script derives from it with a `get_lr` of its own. */
export const schedulerClass: PyClass = nativeClass<PyInstance>({
  name: 'LRScheduler',
  module: 'torch.optim.lr_scheduler',
  methods: {
    __init__: [
      'optimizer, last_epoch=-1, verbose=...',
      (self, args, interpreter) => {
        const schedule = new Schedule(
          scriptRow(self, interpreter),
          viewOf(args.value('optimizer')),
          warner(interpreter),
        );
        attach(self, schedule, args.value('optimizer'));
        initializeCommon(schedule, { last_epoch: args.value('last_epoch') as bigint });
      },
    ],
    __getattr__: [
      'name',
      (self, args) => {
        const name = args.string('name');
        const state = self.native instanceof Schedule ? self.native.state : {};
        if (Object.hasOwn(state, name)) return stateToPython(state[name]!);
        throw new PythonError('AttributeError', `'${self.pyClass.name}' object has no attribute '${name}'`);
      },
    ],
    __setattr__: [
      'name, value',
      (self, args) => {
        const name = args.string('name');
        if (self.native instanceof Schedule && Object.hasOwn(self.native.state, name)) {
          self.native.state[name] = stateFromPython(args.value('value'));
        } else self.attributes.set(name, args.value('value'));
      },
    ],
    step: ['epoch=None', (self, args, interpreter) => step(self, args.value('epoch'), interpreter)],
    get_last_lr: ['', (self) => new PyList(scheduleOf(self).getLastLr().slice())],
    get_lr: ['', (self) => new PyList(scheduleOf(self).getLr())],
    state_dict: ['', (self) => stateToPython(scheduleOf(self).stateDict())],
    load_state_dict: [
      'state_dict',
      (self, args) => {
        const state = args.value('state_dict');
        if (!(state instanceof PyDict)) throw new PythonError('TypeError', 'state_dict must be a dict');
        scheduleOf(self).loadStateDict(
          Object.fromEntries(state.items().map(([name, value]) => [String(name), stateFromPython(value)])),
        );
      },
    ],
    print_lr: ['*args, **kwargs', () => null],
  },
});

/** `torch.optim.lr_scheduler.StepLR` and the others: a Python class for each row of the table. */
export const schedulerClasses: readonly PyClass[] = [...scheduleTable.values()].map((row) =>
  nativeClass<PyInstance>({
    name: row.name,
    module: 'torch.optim.lr_scheduler',
    bases: [schedulerClass],
    methods: {
      __init__: [signatureOf(row), (self, args, interpreter) => construct(self, row, args, interpreter)],
      ...(row.name === 'ReduceLROnPlateau'
        ? {
            step: [
              'metrics, epoch=None',
              (self: PyInstance, args: Arguments, interpreter: Interpreter) => {
                scheduleOf(self).step({ metrics: toFloat64(interpreter, args.value('metrics')) });
                recordStep(self, interpreter);
              },
            ] as const,
          }
        : {}),
    },
  }),
);

function signatureOf(row: ScheduleRow): string {
  const takesOptimizer = row.name !== 'ChainedScheduler';
  const parameters = row.parameters.map(({ name, default: fallback }) =>
    fallback === undefined ? name : `${name}=...`,
  );
  const tail = takesOptimizer ? [] : ['optimizer=...'];
  return [...(takesOptimizer ? ['optimizer'] : []), ...parameters, ...tail].join(', ');
}

function construct(self: PyInstance, row: ScheduleRow, args: Arguments, interpreter: Interpreter): void {
  const given: Record<string, ScheduleArgument> = {};
  for (const { name } of row.parameters) {
    if (!args.given(name)) continue;
    const value = args.value(name);
    // MultiStepLR counts its milestones by a Counter, which takes anything iterable and None.
    const isCounted = row.name === 'MultiStepLR' && name === 'milestones';
    const argument = isCounted ? new PyList(value === null ? [] : interpreter.list(value)) : value;
    given[name] = scheduleArgument(argument, interpreter);
  }
  const optimizer =
    row.name === 'ChainedScheduler' ? optimizerOfFirst(args.value('schedulers')) : args.value('optimizer');
  const schedule = createSchedule(row.name, viewOf(optimizer), given, warner(interpreter));
  attach(self, schedule, optimizer);
}

function optimizerOfFirst(schedulers: PyValue): PyValue {
  const first = schedulers instanceof PyList ? schedulers.items[0] : undefined;
  if (!(first instanceof PyInstance)) {
    throw new PythonError(
      'ValueError',
      'ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.',
    );
  }
  return first.attributes.get('optimizer') ?? null;
}

/** A scheduler whose `get_lr` the script wrote. */
function scriptRow(self: PyInstance, interpreter: Interpreter): ScheduleRow {
  const numbers = (value: PyValue): number[] =>
    interpreter.list(value).map((rate) => (rate instanceof PyTensor ? Number(rate.tensor.data[0]) : Number(rate)));
  return {
    name: self.pyClass.name,
    parameters: [],
    prepare: () => undefined,
    getLr: () => numbers(interpreter.callMethod(self, 'get_lr')),
  };
}

function viewOf(optimizer: PyValue): ScheduledOptimizer {
  if (!(optimizer instanceof PyInstance) || !optimizer.pyClass.isSubclassOf(optimizerClass)) {
    throw new PythonError('TypeError', `${typeName(optimizer)} is not an Optimizer`);
  }
  return viewOptimizer(optimizer);
}

function warner(interpreter: Interpreter): (message: string) => void {
  return (message) => torchContext(interpreter).warn(message);
}

function attach(self: PyInstance, schedule: Schedule, optimizer: PyValue): void {
  self.native = schedule;
  self.attributes.set('optimizer', optimizer);
}

/** The schedule of an instance. @throws PythonError when its `__init__` has not run */
export function scheduleOf(self: PyInstance): Schedule {
  if (self.native instanceof Schedule) return self.native;
  throw new PythonError('AttributeError', `'${self.pyClass.name}' object has no attribute 'last_epoch'`);
}

function step(self: PyInstance, epoch: PyValue, interpreter: Interpreter): void {
  scheduleOf(self).step({ epoch: typeof epoch === 'bigint' || typeof epoch === 'number' ? epoch : null });
  recordStep(self, interpreter);
}

function recordStep(self: PyInstance, interpreter: Interpreter): void {
  torchContext(interpreter).recorder.record('scheduler_step', { subject: self });
}
