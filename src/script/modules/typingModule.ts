import { objectClass, tupleClass } from '../objects/coreClasses';
import { PyDict, PyTuple } from '../objects/containers';
import { PyModule } from '../objects/functions';
import type { ModuleRow } from '../objects/interpreter';
import { addMembers, nativeClass, nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { PyClass, PyObject } from '../objects/value';

const generics = [
  'Any',
  'Union',
  'Optional',
  'List',
  'Dict',
  'Tuple',
  'Set',
  'FrozenSet',
  'Callable',
  'Iterable',
  'Iterator',
  'Sequence',
  'Mapping',
  'MutableMapping',
  'MutableSequence',
  'Generator',
  'Type',
  'Literal',
  'ClassVar',
  'Final',
  'Annotated',
  'Deque',
  'DefaultDict',
  'OrderedDict',
  'Counter',
  'Collection',
  'Container',
  'Hashable',
  'Sized',
  'Self',
  'NoReturn',
  'Never',
  'Text',
  'AnyStr',
  'SupportsFloat',
  'SupportsInt',
  'TypeAlias',
  'Concatenate',
  'Required',
  'NotRequired',
  'ContextManager',
  'Awaitable',
  'Coroutine',
  'AsyncIterator',
  'IO',
  'Reversible',
  'Buffer',
  'Unpack',
  'TypeGuard',
  'LiteralString',
];

/** A name of `typing`: it can be subscripted and joined by `|`, and means nothing at run time. */
class TypingForm extends PyObject {
  constructor(
    public pyClass: PyClass,
    readonly name: string,
  ) {
    super();
  }
}

export const typingModule: ModuleRow = {
  name: 'typing',
  build: () => {
    const formClass: PyClass = nativeClass<TypingForm>({
      name: '_SpecialForm',
      module: 'typing',
      methods: {
        __getitem__: ['parameters, /', (self) => self],
        __or__: ['other, /', (self) => self],
        __ror__: ['other, /', (self) => self],
        __call__: ['*args, **kwargs', (self, args) => args.rest()[0] ?? self],
        __repr__: ['', (self) => `typing.${self.name}`],
      },
    });
    const forms = Object.fromEntries(generics.map((name) => [name, new TypingForm(formClass, name)]));
    const generic = nativeClass({ name: 'Generic', module: 'typing' });
    const protocol = nativeClass({ name: 'Protocol', module: 'typing' });
    const namedTuple = new PyClass('NamedTuple', [tupleClass]);
    namedTuple.module = 'typing';
    namedTuple.subclassHook = (derived, interpreter) => {
      const annotations = derived.members.get('__annotations__');
      if (!(annotations instanceof PyDict) || !derived.bases.includes(namedTuple)) return;
      const names = annotations.keys();
      const defaults = names
        .filter((name) => derived.members.has(String(name)))
        .map((name) => derived.members.get(String(name))!);
      const factory = interpreter.getAttribute(interpreter.importModule('collections'), 'namedtuple');
      const made = interpreter.call(
        factory,
        [derived.name, new PyTuple(names)],
        new Map([['defaults', new PyTuple(defaults)]]),
      );
      if (!(made instanceof PyClass)) return;
      for (const [name, member] of made.members) {
        if (!derived.members.has(name) || names.includes(name)) derived.setMember(name, member);
      }
    };
    const typedDict = nativeClass({ name: 'TypedDict', module: 'typing', bases: [objectClass] });
    addMembers(typedDict, {
      staticMethods: { __new__: ['cls, *args, **kwargs', (args) => new PyDict([...args.keywords()])] },
    });
    const identity = (name: string): PyValue =>
      nativeFunction(name, 'value, *args, **kwargs', (args) => args.value('value'));
    return new PyModule('typing', {
      ...forms,
      Generic: generic,
      Protocol: protocol,
      NamedTuple: namedTuple,
      TypedDict: typedDict,
      TYPE_CHECKING: false,
      TypeVar: nativeFunction(
        'TypeVar',
        'name, *args, **kwargs',
        (args) => new TypingForm(formClass, args.string('name')),
      ),
      ParamSpec: nativeFunction(
        'ParamSpec',
        'name, **kwargs',
        (args) => new TypingForm(formClass, args.string('name')),
      ),
      NewType: nativeFunction('NewType', 'name, tp', (args) => args.value('tp')),
      cast: nativeFunction('cast', 'typ, val', (args) => args.value('val')),
      overload: identity('overload'),
      final: identity('final'),
      no_type_check: identity('no_type_check'),
      runtime_checkable: identity('runtime_checkable'),
      get_type_hints: nativeFunction('get_type_hints', 'obj, **kwargs', () => new PyDict()),
    });
  },
};

/** `collections.abc`: the classes that annotations name. */
export const collectionsAbcModule: ModuleRow = {
  name: 'collections.abc',
  build: () => {
    const names = [
      'Iterable',
      'Iterator',
      'Sequence',
      'Mapping',
      'MutableMapping',
      'MutableSequence',
      'Callable',
      'Generator',
      'Collection',
      'Container',
      'Hashable',
      'Sized',
      'Set',
    ];
    return new PyModule('collections.abc', Object.fromEntries(names.map((name) => [name, protocolClass(name)])));
  },
};

const required: Record<string, readonly string[]> = {
  Iterable: ['__iter__'],
  Iterator: ['__iter__', '__next__'],
  Sequence: ['__getitem__', '__len__', 'index'],
  Mapping: ['__getitem__', 'keys'],
  MutableMapping: ['__setitem__', 'keys'],
  MutableSequence: ['append'],
  Callable: ['__call__'],
  Generator: ['send'],
  Collection: ['__len__', '__iter__'],
  Container: ['__contains__'],
  Hashable: ['__hash__'],
  Sized: ['__len__'],
  Set: ['isdisjoint'],
};

/** A class that takes everything with the right methods for an instance. */
function protocolClass(name: string): PyClass {
  const meta = nativeClass<PyClass>({
    name: 'ABCMeta',
    module: 'collections.abc',
    methods: {
      __instancecheck__: [
        'instance, /',
        (self, args, interpreter) => {
          const value = args.value('instance');
          const pyClass = interpreter.classOf(value);
          if (pyClass.isSubclassOf(self)) return true;
          if (typeof value === 'string')
            return ['Iterable', 'Sequence', 'Collection', 'Container', 'Sized', 'Hashable'].includes(name);
          return required[name]!.every((method) => pyClass.lookup(method) !== undefined);
        },
      ],
    },
  });
  const made = new PyClass(name, [objectClass], new Map(), meta);
  made.module = 'collections.abc';
  return made;
}
