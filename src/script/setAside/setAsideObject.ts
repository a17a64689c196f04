import { PythonError } from '../../common/errors';
import { PyTuple } from '../objects/containers';
import { PyIterator } from '../objects/functions';
import { nativeClass } from '../objects/native';
import { PyObject, type PyClass, type PyValue } from '../objects/value';

const dunder = /^__.*__$/;

/**
 * What stands for everything of a library that only shows or logs: every attribute, call and item of it is another one,
 * and nothing happens.
 */
export const setAsideClass: PyClass = nativeClass<SetAside>({
  name: 'SetAside',
  module: 'gradstep',
  methods: {
    __getattr__: [
      'name',
      (self, args) => {
        const name = args.string('name');
        if (dunder.test(name)) throw new PythonError('AttributeError', `'${self.path}' has no attribute '${name}'`);
        return self.child(name);
      },
    ],
    __setattr__: ['name, value', () => null],
    __call__: ['*args, **kwargs', (self, args) => self.call(args.rest(), args.keywords())],
    __getitem__: ['index', (self) => self.item()],
    __setitem__: ['index, value', () => null],
    __iter__: ['', (self) => new PyIterator(self.items(), 'iterator')],
    __len__: ['', (self) => BigInt(self.shape[0] ?? 0)],
    __bool__: ['', () => true],
    __contains__: ['item', () => false],
    __enter__: ['', (self) => self],
    __exit__: ['*args', () => false],
    __repr__: ['', (self) => `<${self.path}, set aside by Gradstep>`],
  },
});

export class SetAside extends PyObject {
  pyClass = setAsideClass;

  /** @param shape how many items it has along each axis: the axes of a figure */
  constructor(
    readonly path: string,
    readonly shape: readonly number[] = [],
  ) {
    super();
  }

  child(name: string): SetAside {
    const keepsItems = name === 'flat' || name === 'ravel' || name === 'flatten';
    const shape = keepsItems ? [this.shape.reduce((product, size) => product * size, 1)] : [];
    return new SetAside(`${this.path}.${name}`, this.shape.length === 0 ? [] : shape);
  }

  item(): SetAside {
    return new SetAside(`${this.path}[]`, this.shape.slice(1));
  }

  *items(): Generator<PyValue> {
    for (let i = 0; i < (this.shape[0] ?? 0); i++) yield this.item();
  }

  /** Where a call's result is unpacked by everybody, it has the items for it. */
  call(args: readonly PyValue[], keywords: ReadonlyMap<string, PyValue>): PyValue {
    const name = this.path.slice(this.path.lastIndexOf('.') + 1);
    if (name === 'subplots') {
      const [rows, columns] = ['nrows', 'ncols'].map((key, i) => Number(keywords.get(key) ?? args[i] ?? 1n));
      const shape = [rows!, columns!].filter((size) => size > 1);
      return new PyTuple([new SetAside(`${this.path}()[0]`), new SetAside(`${this.path}()[1]`, shape)]);
    }
    if (name === 'hist') return new PyTuple([0, 1, 2].map((at) => new SetAside(`${this.path}()[${at}]`)));
    return new SetAside(`${this.path}()`, this.shape);
  }
}
