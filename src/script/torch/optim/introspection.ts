import type { Schedule } from '../../../core/lrScheduler/schedule';
import type { Interpreter } from '../../objects/interpreter';
import { PyInstance } from '../../objects/value';
import { optimizerClass } from './optimizerClass';
import { scheduleOf, schedulerClass } from './schedulerClasses';

/** The optimizers in the script's globals, in the order of definition. */
export function optimizersOfGlobals(interpreter: Interpreter): { name: string; instance: PyInstance }[] {
  return instancesOfGlobals(interpreter, (instance) => instance.pyClass.isSubclassOf(optimizerClass));
}

/** The schedulers in the script's globals, in the order of definition. */
export function schedulersOfGlobals(
  interpreter: Interpreter,
): { name: string; instance: PyInstance; schedule: Schedule }[] {
  return instancesOfGlobals(interpreter, (instance) => instance.pyClass.isSubclassOf(schedulerClass)).map(
    ({ name, instance }) => ({ name, instance, schedule: scheduleOf(instance) }),
  );
}

function instancesOfGlobals(
  interpreter: Interpreter,
  wanted: (instance: PyInstance) => boolean,
): { name: string; instance: PyInstance }[] {
  const found: { name: string; instance: PyInstance }[] = [];
  interpreter.globals.forEach((value, name) => {
    if (value instanceof PyInstance && wanted(value)) found.push({ name, instance: value });
  });
  return found;
}
