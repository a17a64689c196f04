import type { ScheduleArgument, ScheduleFunction, StateValue } from '../../../core/lrScheduler/schedule';
import { Schedule } from '../../../core/lrScheduler/schedule';
import { PyDict, PyList, PyTuple } from '../../objects/containers';
import { NativeFunction, PyBoundMethod, PyFunction } from '../../objects/functions';
import type { Interpreter } from '../../objects/interpreter';
import { PyInstance, type PyValue } from '../../objects/value';
import { PyTensor } from '../tensorClass';

/** A scheduler's argument as the core takes it: Python functions become functions of the epoch. */
export function scheduleArgument(value: PyValue, interpreter: Interpreter): ScheduleArgument {
  if (value instanceof PyList || value instanceof PyTuple) {
    return value.items.map((item) => scheduleArgument(item, interpreter)) as unknown as ScheduleArgument;
  }
  if (value instanceof PyTensor) return Number(value.tensor.data[0]);
  if (value instanceof PyInstance && value.native instanceof Schedule)
    return value.native as unknown as ScheduleArgument;
  if (isCallable(value)) return epochFunction(value, interpreter);
  return value as StateValue;
}

function isCallable(value: PyValue): boolean {
  return (
    value instanceof PyFunction ||
    value instanceof NativeFunction ||
    value instanceof PyBoundMethod ||
    (value instanceof PyInstance && value.pyClass.lookup('__call__') !== undefined)
  );
}

function epochFunction(callee: PyValue, interpreter: Interpreter): ScheduleFunction {
  const call = (epoch: bigint): number => {
    const result = interpreter.call(callee, [epoch]);
    return result instanceof PyTensor ? Number(result.tensor.data[0]) : Number(result);
  };
  return Object.assign(call, { pure: callee instanceof PyFunction && callee.pure });
}

/** A value of a scheduler's state as Python has it. */
export function stateToPython(value: StateValue): PyValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return new PyList(value.map(stateToPython));
  if (value instanceof Map) return new PyDict([...value] as [bigint, bigint][]);
  const record = value as Readonly<Record<string, StateValue>>;
  return new PyDict(Object.entries(record).map(([name, entry]) => [name, stateToPython(entry)]));
}

/** The way back, for `load_state_dict` and for attributes that the script sets. */
export function stateFromPython(value: PyValue): StateValue {
  if (value instanceof PyList || value instanceof PyTuple) return value.items.map(stateFromPython);
  if (value instanceof PyDict) {
    const entries = value.items();
    if (entries.every(([key, count]) => typeof key === 'bigint' && typeof count === 'bigint') && entries.length > 0) {
      return new Map(entries as [bigint, bigint][]);
    }
    return Object.fromEntries(entries.map(([key, entry]) => [String(key), stateFromPython(entry)]));
  }
  return typeof value === 'object' ? null : value;
}
