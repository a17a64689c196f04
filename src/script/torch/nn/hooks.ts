import type { PyDict } from '../../objects/containers';
import { nativeClass } from '../../objects/native';
import { PyObject, type PyClass, type PyValue } from '../../objects/value';

let nextId = 0n;

/** `torch.utils.hooks.RemovableHandle`. */
export const handleClass: PyClass = nativeClass<HookRegistration>({
  name: 'RemovableHandle',
  module: 'torch.utils.hooks',
  methods: {
    remove: [
      '',
      (self) => {
        self.registry.delete(self.number);
      },
    ],
    __enter__: ['', (self) => self],
    __exit__: [
      'type, value, traceback',
      (self) => {
        self.registry.delete(self.number);
      },
    ],
  },
  properties: { id: (self) => self.number },
});

/** A hook in a module's registry, and the handle that takes it out again. */
export class HookRegistration extends PyObject {
  pyClass = handleClass;
  readonly number = nextId++;

  constructor(
    readonly hook: PyValue,
    readonly registry: PyDict,
  ) {
    super();
    registry.set(this.number, this);
  }
}
