import { PyDict } from '../../objects/containers';
import { dictClass } from '../../objects/coreClasses';
import { nativeClass } from '../../objects/native';
import type { PyClass } from '../../objects/value';

/** What `optimizer.state` is: `collections.defaultdict(dict)`, so that `state[p]` of a new parameter is an empty dict. */
const parameterStatesClass: PyClass = nativeClass<PyDict>({
  name: 'defaultdict',
  module: 'collections',
  bases: [dictClass],
  methods: {
    __missing__: [
      'key',
      (self, args) => {
        const state = new PyDict();
        self.set(args.value('key'), state);
        return state;
      },
    ],
    __repr__: ['', (self, _args, interpreter) => `defaultdict(<class 'dict'>, ${interpreter.repr(plainCopy(self))})`],
  },
});

export function newParameterStates(): PyDict {
  return new PyDict([], parameterStatesClass);
}

function plainCopy(dict: PyDict): PyDict {
  return new PyDict(dict.items());
}
