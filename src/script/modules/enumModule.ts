import { PythonError } from '../../common/errors';
import { runtimeOf } from '../builtins/access';
import { PyDict, PyTuple } from '../objects/containers';
import { intClass, objectClass, strClass, typeClass } from '../objects/coreClasses';
import { exceptionClass, makeException, PyException } from '../objects/exceptions';
import {
  NativeFunction,
  NativeProperty,
  PyClassMethod,
  PyFunction,
  PyIterator,
  PyModule,
  PyProperty,
  PyStaticMethod,
} from '../objects/functions';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
import { addMembers, nativeClass, nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { PyClass, PyInstance } from '../objects/value';

/** What `auto()` leaves until the class is made. */
class Auto extends PyInstance {}

interface Members {
  readonly byName: Map<string, PyInstance>;
  readonly unique: PyInstance[];
}

const membersOf = new WeakMap<PyClass, Members>();

function members(pyClass: PyClass): Members {
  return membersOf.get(pyClass) ?? { byName: new Map(), unique: [] };
}

function isMember(name: string, value: PyValue): boolean {
  if (name.startsWith('_')) return false;
  return !(
    value instanceof PyFunction ||
    value instanceof NativeFunction ||
    value instanceof PyProperty ||
    value instanceof NativeProperty ||
    value instanceof PyStaticMethod ||
    value instanceof PyClassMethod ||
    value instanceof PyClass
  );
}

/** Turns the plain attributes of a class body into members. */
function makeMembers(pyClass: PyClass, interpreter: Interpreter, flags: boolean): void {
  const made: Members = { byName: new Map(), unique: [] };
  let last: PyValue = null;
  const isText = pyClass.isSubclassOf(strClass);
  const initializer = pyClass.lookup('__init__');
  for (const [name, given] of [...pyClass.members]) {
    if (!isMember(name, given)) continue;
    let value = given;
    if (given instanceof Auto) {
      if (isText) value = name.toLowerCase();
      else if (flags) value = last === null ? 1n : 2n ** BigInt((last as bigint).toString(2).length);
      else value = typeof last === 'bigint' ? last + 1n : 1n;
    }
    last = value;
    const known = made.unique.find((member) => interpreter.equals(member.attributes.get('_value_')!, value));
    const member = known ?? new PyInstance(pyClass);
    if (known === undefined) {
      member.attributes.set('_value_', value);
      member.attributes.set('_name_', name);
      if (pyClass.isSubclassOf(intClass) || isText) member.native = value;
      made.unique.push(member);
      if (initializer instanceof PyFunction) {
        initializer.invoke([member, ...(value instanceof PyTuple ? value.items : [value])], null);
      }
    }
    made.byName.set(name, member);
    pyClass.setMember(name, member);
  }
  membersOf.set(pyClass, made);
}

export const enumModule: ModuleRow = {
  name: 'enum',
  build: () => {
    const meta = nativeClass<PyClass>({
      name: 'EnumType',
      module: 'enum',
      bases: [typeClass],
      methods: {
        __iter__: ['', (self) => new PyIterator(members(self).unique[Symbol.iterator]())],
        __len__: ['', (self) => BigInt(members(self).unique.length)],
        __getattr__: [
          'name, /',
          (_self, args) => {
            throw new PythonError('AttributeError', args.string('name'));
          },
        ],
        __contains__: [
          'value, /',
          (self, args, interpreter) => {
            const value = args.value('value');
            return members(self).unique.some(
              (member) => member === value || interpreter.equals(member.attributes.get('_value_')!, value),
            );
          },
        ],
        __getitem__: [
          'name, /',
          (self, args) => {
            const found = members(self).byName.get(args.string('name'));
            if (found === undefined)
              throw new PyException(makeException(exceptionClass('KeyError'), [args.value('name')]));
            return found;
          },
        ],
        __call__: [
          'value, names=None, /',
          (self, args, interpreter) => {
            const value = args.value('value');
            const found = members(self).unique.find(
              (member) => member === value || interpreter.equals(member.attributes.get('_value_')!, value),
            );
            if (found !== undefined) return found;
            const missing = self.lookup('_missing_');
            if (missing instanceof PyClassMethod) {
              const made = interpreter.call(missing.callee, [self, value]);
              if (made !== null) return made;
            }
            if (
              flagClasses.has(self.mro.find((entry) => flagClasses.has(entry)) ?? self) &&
              typeof value === 'bigint'
            ) {
              return combine(self, value);
            }
            throw new PythonError('ValueError', `${interpreter.repr(value)} is not a valid ${self.qualifiedName}`);
          },
        ],
      },
      properties: { __members__: (self) => new PyDict([...members(self).byName]) },
    });
    const describe = (self: PyInstance): string => `${self.pyClass.name}.${String(self.attributes.get('_name_'))}`;
    const value = (self: PyInstance): PyValue => self.attributes.get('_value_') ?? null;
    const makeEnum = (name: string, bases: PyClass[], flags: boolean, plainText: boolean): PyClass => {
      const pyClass = new PyClass(name, bases, new Map(), meta);
      pyClass.module = 'enum';
      pyClass.subclassHook = (derived, interpreter) => makeMembers(derived, interpreter, flags);
      addMembers<PyInstance>(pyClass, {
        properties: { name: (self) => self.attributes.get('_name_') ?? null, value },
        methods: {
          __repr__: ['', (self, _args, interpreter) => `<${describe(self)}: ${interpreter.repr(value(self))}>`],
          __str__: ['', (self, _args, interpreter) => (plainText ? interpreter.str(value(self)) : describe(self))],
          __format__: [
            'specification, /',
            (self, args, interpreter) =>
              plainText
                ? interpreter.format(value(self), args.string('specification'))
                : interpreter.format(interpreter.str(self), args.string('specification')),
          ],
          __hash__: ['', (self) => self.id],
        },
      });
      return pyClass;
    };
    const enumClass = makeEnum('Enum', [objectClass], false, false);
    const intEnum = makeEnum('IntEnum', [intClass, enumClass], false, true);
    const strEnum = makeEnum('StrEnum', [strClass, enumClass], false, true);
    const flag = makeEnum('Flag', [enumClass], true, false);
    const intFlag = makeEnum('IntFlag', [intClass, flag], true, true);
    const flagClasses = new Set([flag, intFlag]);
    const combine = (pyClass: PyClass, bits: bigint): PyInstance => {
      const known = members(pyClass).unique.find((member) => value(member) === bits);
      if (known !== undefined) return known;
      const names = members(pyClass)
        .unique.filter((member) => ((value(member) as bigint) & bits) !== 0n)
        .map((member) => member.attributes.get('_name_'));
      const member = new PyInstance(pyClass);
      member.attributes.set('_value_', bits);
      member.attributes.set('_name_', names.join('|'));
      return member;
    };
    addMembers<PyInstance>(flag, {
      methods: {
        __or__: [
          'other, /',
          (self, args) =>
            combine(self.pyClass, (value(self) as bigint) | (value(args.value('other') as PyInstance) as bigint)),
        ],
        __and__: [
          'other, /',
          (self, args) =>
            combine(self.pyClass, (value(self) as bigint) & (value(args.value('other') as PyInstance) as bigint)),
        ],
        __bool__: ['', (self) => value(self) !== 0n],
        __contains__: [
          'other, /',
          (self, args) =>
            ((value(self) as bigint) & (value(args.value('other') as PyInstance) as bigint)) ===
            value(args.value('other') as PyInstance),
        ],
        __eq__: [
          'other, /',
          (self, args) =>
            args.value('other') instanceof PyInstance && value(args.value('other') as PyInstance) === value(self),
        ],
      },
    });
    const autoClass = nativeClass({ name: 'auto', module: 'enum', allocate: (pyClass) => new Auto(pyClass) });
    return new PyModule('enum', {
      Enum: enumClass,
      IntEnum: intEnum,
      StrEnum: strEnum,
      Flag: flag,
      IntFlag: intFlag,
      EnumMeta: meta,
      auto: autoClass,
      unique: nativeFunction('unique', 'enumeration', (args, interpreter) => {
        const pyClass = args.value('enumeration') as PyClass;
        const aliases = [...members(pyClass).byName].filter(
          ([name, member]) => member.attributes.get('_name_') !== name,
        );
        if (aliases.length > 0) {
          const text = aliases
            .map(
              ([name, member]) => `${name} -> ${runtimeOf(interpreter).str(member.attributes.get('_name_') ?? null)}`,
            )
            .join(', ');
          throw new PythonError('ValueError', `duplicate values found in ${interpreter.repr(pyClass)}: ${text}`);
        }
        return pyClass;
      }),
    });
  },
};
