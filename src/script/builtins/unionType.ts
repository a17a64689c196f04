import { iteratorBase } from '../objects/coreClasses';
import { nativeClass } from '../objects/native';
import type { PyClass, PyValue } from '../objects/value';
import { PyObject } from '../objects/value';

/** `int | str`: for annotations and isinstance. */
export class UnionType extends PyObject {
  pyClass: PyClass = unionClass;
  readonly members: readonly PyValue[];

  constructor(members: readonly PyValue[]) {
    super();
    this.members = members.flatMap((member) => (member instanceof UnionType ? member.members : [member]));
  }
}

const unionClass: PyClass = nativeClass<UnionType>({
  name: 'UnionType',
  module: 'types',
  bases: iteratorBase.bases,
  methods: {
    __or__: ['other, /', (self, args) => new UnionType([self, args.value('other')])],
    __ror__: ['other, /', (self, args) => new UnionType([args.value('other'), self])],
    __repr__: [
      '',
      (self, _args, interpreter) =>
        self.members
          .map((member) => (member === null ? 'None' : interpreter.str(interpreter.getAttribute(member, '__name__'))))
          .join(' | '),
    ],
  },
});
