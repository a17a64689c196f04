import { PythonError } from '../../../common/errors';
import type { Interpolation } from '../../../data/transforms/resize';
import { nativeClass } from '../../objects/native';
import { PyObject, type PyClass, type PyValue } from '../../objects/value';
import { pilFilters } from '../pilImage';

/** `torchvision.transforms.InterpolationMode`. */
export const interpolationClass: PyClass = nativeClass<PyInterpolation>({
  name: 'InterpolationMode',
  module: 'torchvision.transforms.functional',
  methods: {
    __repr__: ['', (self) => `<InterpolationMode.${self.name}: '${self.text}'>`],
    __str__: ['', (self) => `InterpolationMode.${self.name}`],
  },
  properties: { value: (self) => self.text, name: (self) => self.name },
});

class PyInterpolation extends PyObject {
  pyClass = interpolationClass;

  constructor(
    readonly name: string,
    readonly text: string,
    readonly filter: Interpolation,
  ) {
    super();
  }
}

const members: readonly PyInterpolation[] = [
  new PyInterpolation('NEAREST', 'nearest', 'nearest'),
  new PyInterpolation('NEAREST_EXACT', 'nearest-exact', 'nearest'),
  new PyInterpolation('BILINEAR', 'bilinear', 'bilinear'),
  new PyInterpolation('BICUBIC', 'bicubic', 'bicubic'),
  new PyInterpolation('BOX', 'box', 'box'),
  new PyInterpolation('HAMMING', 'hamming', 'hamming'),
  new PyInterpolation('LANCZOS', 'lanczos', 'lanczos'),
];
for (const member of members) interpolationClass.setMember(member.name, member);

/** The member for a filter's name. */
export function interpolationMember(text: Interpolation): PyValue {
  return members.find((member) => member.text === text)!;
}

/** A mode, or PIL's number of one, as the member it is. */
export function interpolationOf(value: PyValue): { member: PyValue; filter: Interpolation } {
  if (value instanceof PyInterpolation) return { member: value, filter: value.filter };
  const filter = typeof value === 'bigint' ? pilFilters[Number(value)] : undefined;
  if (filter === undefined) {
    throw new PythonError(
      'TypeError',
      'Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant',
    );
  }
  return { member: interpolationMember(filter), filter };
}
