import { runtimeOf } from '../builtins/access';
import { PyList } from '../objects/containers';
import { exceptionClass } from '../objects/exceptions';
import { PyModule } from '../objects/functions';
import type { ModuleRow } from '../objects/interpreter';
import { nativeClass } from '../objects/native';
import { exceptionClasses } from '../objects/exceptions';
import type { PyValue } from '../objects/value';
import { PyClass, PyInstance } from '../objects/value';
import { functionsOf } from './moduleOf';

/** The category and every built-in one derived from it. */
function familyOf(category: PyValue): ReadonlySet<string> | null {
  if (!(category instanceof PyClass) || category === exceptionClass('Warning')) return null;
  return new Set(
    [category, ...exceptionClasses.values()].filter((one) => one.isSubclassOf(category)).map((one) => one.name),
  );
}

export const warningsModule: ModuleRow = {
  name: 'warnings',
  build: (interpreter) => {
    const { warningFilters } = runtimeOf(interpreter);
    const catchWarnings = nativeClass<PyInstance>({
      name: 'catch_warnings',
      module: 'warnings',
      methods: {
        __init__: [
          '*, record=False, action=None, category=None',
          (self, args) => void self.attributes.set('record', args.value('record')),
        ],
        __enter__: [
          '',
          (self) => {
            self.native = warningFilters.snapshot();
            return self.attributes.get('record') === true ? new PyList() : null;
          },
        ],
        __exit__: [
          '*details',
          (self) => void warningFilters.restore(self.native as ReturnType<typeof warningFilters.snapshot>),
        ],
      },
    });
    const add = (action: string, category: PyValue, message: string): void =>
      warningFilters.add(action, familyOf(category), message);
    return new PyModule('warnings', {
      catch_warnings: catchWarnings,
      ...functionsOf({
        warn: [
          'message, category=None, stacklevel=1, source=None',
          (args) => {
            const message = args.value('message');
            const category = args.value('category');
            const isWarning =
              message instanceof PyInstance && interpreter.isInstance(message, exceptionClass('Warning'));
            const kind = isWarning ? message.pyClass : category;
            interpreter.warn(interpreter.str(message), kind instanceof PyClass ? kind.name : 'UserWarning');
          },
        ],
        filterwarnings: [
          'action, message="", category=None, module="", lineno=0, append=False',
          (args) => add(args.string('action'), args.value('category'), args.string('message')),
        ],
        simplefilter: [
          'action, category=None, lineno=0, append=False',
          (args) => add(args.string('action'), args.value('category'), ''),
        ],
        resetwarnings: ['', () => warningFilters.reset()],
      }),
    });
  },
};
