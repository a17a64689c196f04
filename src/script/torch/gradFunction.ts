import type { GradientRecord } from '../../core/tensor/tensor';
import { PyTuple } from '../objects/containers';
import { nativeClass } from '../objects/native';
import { PyObject, type PyClass, type PyValue } from '../objects/value';

const classes = new Map<string, PyClass>();

function classOf(name: string): PyClass {
  let found = classes.get(name);
  if (!found) {
    found = nativeClass<GradFunction>({
      name,
      module: '',
      identityHash: true,
      methods: {
        __repr__: ['', (self) => `<${name} object at 0x${self.id.toString(16)}>`],
        name: ['', () => name],
      },
      properties: { next_functions: (self) => self.nextFunctions() },
    });
    classes.set(name, found);
  }
  return found;
}

/** `tensor.grad_fn`. */
export class GradFunction extends PyObject {
  pyClass: PyClass;

  constructor(
    name: string,
    private readonly record: GradientRecord | null,
  ) {
    super();
    this.pyClass = classOf(name);
  }

  nextFunctions(): PyValue {
    const edges = this.record?.edges ?? [];
    return new PyTuple(
      edges.map((edge) => {
        if (edge === null) return new PyTuple([null, 0n]);
        if ('leaf' in edge) return new PyTuple([new GradFunction('AccumulateGrad', null), 0n]);
        return new PyTuple([gradFunction(edge.record), BigInt(edge.index)]);
      }),
    );
  }
}

const functions = new WeakMap<GradientRecord, GradFunction>();

/** The script's object for a record: the same one each time. */
export function gradFunction(record: GradientRecord): GradFunction {
  let found = functions.get(record);
  if (!found) {
    found = new GradFunction(record.name, record);
    functions.set(record, found);
  }
  return found;
}
