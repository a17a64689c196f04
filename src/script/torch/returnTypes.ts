import { PyTuple } from '../objects/containers';
import { tupleClass } from '../objects/coreClasses';
import { nativeClass } from '../objects/native';
import type { PyClass, PyValue } from '../objects/value';

/** `torch.Size`. */
export const sizeClass: PyClass = nativeClass<PyTuple>({
  name: 'Size',
  module: 'torch',
  bases: [tupleClass],
  methods: {
    __repr__: ['', (self) => `torch.Size([${self.items.map(String).join(', ')}])`],
    __str__: ['', (self) => `torch.Size([${self.items.map(String).join(', ')}])`],
    numel: ['', (self) => self.items.reduce<bigint>((product, item) => product * BigInt(item as bigint), 1n)],
  },
  staticMethods: {
    __new__: ['cls, sizes=()', (args, interpreter) => new PySize(interpreter.list(args.value('sizes')))],
  },
});

/** A `torch.Size`, whose parts and sums are sizes too. */
class PySize extends PyTuple {
  constructor(items: readonly PyValue[]) {
    super(items, sizeClass);
  }

  override derive(items: readonly PyValue[]): PyTuple {
    return new PySize(items);
  }
}

/** A shape as the script sees it. */
export function makeSize(shape: readonly number[]): PyTuple {
  return new PySize(shape.map((size) => BigInt(size)));
}

const classes = new Map<string, PyClass>();

/** A tuple with names, such as `torch.return_types.max(values=..., indices=...)`. */
export function namedTuple(typeName: string, names: readonly string[], items: readonly PyValue[]): PyTuple {
  return new PyTuple(items, namedTupleClass(typeName, names));
}

function namedTupleClass(typeName: string, names: readonly string[]): PyClass {
  let found = classes.get(typeName);
  if (!found) {
    found = nativeClass<PyTuple>({
      name: typeName,
      module: 'torch.return_types',
      bases: [tupleClass],
      methods: {
        __repr__: [
          '',
          (self, _args, interpreter) =>
            `torch.return_types.${typeName}(\n${names.map((name, i) => `${name}=${interpreter.repr(self.items[i]!)}`).join(',\n')})`,
        ],
      },
      properties: Object.fromEntries(names.map((name, i) => [name, (self: PyTuple) => self.items[i]!])),
    });
    classes.set(typeName, found);
  }
  return found;
}
