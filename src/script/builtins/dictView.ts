import type { PyDict } from '../objects/containers';
import { PySet, PyTuple } from '../objects/containers';
import { dictViewClasses } from '../objects/coreClasses';
import { PyIterator } from '../objects/functions';
import type { BinaryOperator } from '../objects/interpreter';
import { addMembers } from '../objects/native';
import { PyObject } from '../objects/value';
import type { PyValue } from '../objects/value';
import { runtimeOf, walk } from './access';

/** `d.keys()`, `d.values()` and `d.items()`: they follow the dict. */
export class DictView extends PyObject {
  pyClass;

  constructor(
    readonly dict: PyDict,
    readonly kind: 'keys' | 'values' | 'items',
  ) {
    super();
    this.pyClass = dictViewClasses[kind];
  }

  all(): PyValue[] {
    if (this.kind === 'items') return this.dict.items().map((pair) => new PyTuple(pair));
    return this.kind === 'keys' ? this.dict.keys() : this.dict.values();
  }
}

function setOperator(
  operator: BinaryOperator,
): readonly [
  string,
  (self: DictView, args: { value(name: string): PyValue }, interpreter: Parameters<typeof runtimeOf>[0]) => PyValue,
] {
  return [
    'other, /',
    (self, args, interpreter) =>
      interpreter.binary(operator, new PySet(self.all()), new PySet(interpreter.list(args.value('other')))),
  ];
}

/** Lays the methods on the three classes. */
export function installDictViews(): void {
  for (const kind of ['keys', 'values', 'items'] as const) {
    addMembers<DictView>(dictViewClasses[kind], {
      methods: {
        __len__: ['', (self) => BigInt(self.dict.size)],
        __iter__: [
          '',
          (self, _args, interpreter) => {
            const keys = runtimeOf(interpreter).iterate(self.dict);
            const pick = (key: PyValue): PyValue => {
              if (self.kind === 'keys') return key;
              const value = self.dict.get(key) ?? null;
              return self.kind === 'values' ? value : new PyTuple([key, value]);
            };
            const source: Iterator<PyValue> = {
              next: () => {
                const step = keys.next();
                return step.done === true ? step : { done: false, value: pick(step.value) };
              },
            };
            return new PyIterator(
              self.dict.pyClass.owner === null ? source : walk(self.all()[Symbol.iterator]()),
              `dict_${kind.slice(0, -1)}iterator`,
            );
          },
        ],
        __contains__: [
          'item, /',
          (self, args, interpreter) => {
            const item = args.value('item');
            if (self.kind === 'keys') return self.dict.has(item);
            return self.all().some((candidate) => interpreter.equals(candidate, item));
          },
        ],
        __repr__: [
          '',
          (self, _args, interpreter) =>
            `dict_${kind}([${self
              .all()
              .map((item) => interpreter.repr(item))
              .join(', ')}])`,
        ],
        __eq__: [
          'other, /',
          (self, args, interpreter) => {
            const other = args.value('other');
            if (!(other instanceof DictView) && !(other instanceof PySet)) return false;
            if (self.kind === 'values') return other === self;
            return interpreter.equals(new PySet(self.all()), new PySet(interpreter.list(other)));
          },
        ],
        ...(kind === 'values'
          ? {}
          : {
              __and__: setOperator('&'),
              __or__: setOperator('|'),
              __sub__: setOperator('-'),
              __xor__: setOperator('^'),
            }),
      },
    });
  }
}
