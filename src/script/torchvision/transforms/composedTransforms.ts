import { PythonError } from '../../../common/errors';
import { PyList } from '../../objects/containers';
import type { Interpreter } from '../../objects/interpreter';
import { nativeClass } from '../../objects/native';
import type { PyClass, PyInstance, PyValue } from '../../objects/value';
import { attribute } from '../../torch/data/datasetClasses';
import { torchContext } from '../../torch/torchContext';
import { randomApplyStage } from './stages';
import { chainStages, TransformState } from './transformState';
import { itemsOf } from './sizes';

const moduleName = 'torchvision.transforms.transforms';

function parts(self: PyInstance, interpreter: Interpreter): readonly PyValue[] {
  const transforms = attribute(self, 'transforms');
  return itemsOf(transforms) ?? interpreter.list(transforms);
}

function applyAll(self: PyInstance, image: PyValue, interpreter: Interpreter): PyValue {
  return parts(self, interpreter).reduce((current: PyValue, part) => interpreter.call(part, [current]), image);
}

/** One line for each part, as torchvision prints containers. */
function listing(self: PyInstance, interpreter: Interpreter, first = ''): string {
  const lines = parts(self, interpreter).map((part) => `\n    ${interpreter.str(part)}`);
  return `${self.pyClass.name}(${first}${lines.join('')}\n)`;
}

/** `Compose`. */
const composeClass: PyClass = nativeClass<PyInstance>({
  name: 'Compose',
  module: moduleName,
  methods: {
    __init__: [
      'transforms',
      (self, args) => {
        self.attributes.set('transforms', args.value('transforms'));
        self.native = new TransformState(composeClass, () => chainStages(itemsOf(attribute(self, 'transforms')) ?? []));
      },
    ],
    __call__: ['img', (self, args, interpreter) => applyAll(self, args.value('img'), interpreter)],
    __repr__: ['', (self, _args, interpreter) => listing(self, interpreter)],
  },
});

function drawUniform(interpreter: Interpreter): number {
  return torchContext(interpreter).generator.uniform24();
}

const applyBody = (self: PyInstance, image: PyValue, interpreter: Interpreter): PyValue =>
  Math.fround(Number(attribute(self, 'p'))) < drawUniform(interpreter) ? image : applyAll(self, image, interpreter);

/** `RandomApply`. */
const randomApplyClass: PyClass = nativeClass<PyInstance>({
  name: 'RandomApply',
  module: moduleName,
  methods: {
    __init__: [
      'transforms, p=0.5',
      (self, args) => {
        self.attributes.set('transforms', args.value('transforms'));
        self.attributes.set('p', args.value('p'));
        self.native = new TransformState(randomApplyClass, () => {
          const inner = chainStages(itemsOf(attribute(self, 'transforms')) ?? []);
          return inner === null ? null : randomApplyStage(Number(attribute(self, 'p')), inner);
        });
      },
    ],
    __call__: ['img', (self, args, interpreter) => applyBody(self, args.value('img'), interpreter)],
    forward: ['img', (self, args, interpreter) => applyBody(self, args.value('img'), interpreter)],
    __repr__: [
      '',
      (self, _args, interpreter) => listing(self, interpreter, `\n    p=${interpreter.str(attribute(self, 'p'))}`),
    ],
  },
});

function setTransforms(self: PyInstance, transforms: PyValue): void {
  if (itemsOf(transforms) === null) throw new PythonError('TypeError', 'Argument transforms should be a sequence');
  self.attributes.set('transforms', transforms);
}

/** Python's own `random`, which these draw from instead of torch's generator. */
function pythonRandom(interpreter: Interpreter, name: string): PyValue {
  return interpreter.getAttribute(interpreter.importModule('random'), name);
}

/** `RandomChoice`. */
const randomChoiceClass: PyClass = nativeClass<PyInstance>({
  name: 'RandomChoice',
  module: moduleName,
  methods: {
    __init__: [
      'transforms, p=None',
      (self, args) => {
        setTransforms(self, args.value('transforms'));
        self.attributes.set('p', args.value('p'));
      },
    ],
    __call__: [
      '*args',
      (self, args, interpreter) => {
        const weights = new Map([['weights', attribute(self, 'p')]]);
        const chosen = interpreter.call(pythonRandom(interpreter, 'choices'), [attribute(self, 'transforms')], weights);
        return interpreter.call(interpreter.getItem(chosen, 0n), args.rest());
      },
    ],
    __repr__: [
      '',
      (self, _args, interpreter) => `${listing(self, interpreter)}(p=${interpreter.str(attribute(self, 'p'))})`,
    ],
  },
});

/** `RandomOrder`. */
const randomOrderClass: PyClass = nativeClass<PyInstance>({
  name: 'RandomOrder',
  module: moduleName,
  methods: {
    __init__: [
      'transforms',
      (self, args) => {
        setTransforms(self, args.value('transforms'));
      },
    ],
    __call__: [
      'img',
      (self, args, interpreter) => {
        const own = parts(self, interpreter);
        const order = new PyList(own.map((_, at) => BigInt(at)));
        interpreter.call(pythonRandom(interpreter, 'shuffle'), [order]);
        return order.items.reduce(
          (image: PyValue, at) => interpreter.call(own[Number(at)]!, [image]),
          args.value('img'),
        );
      },
    ],
    __repr__: ['', (self, _args, interpreter) => listing(self, interpreter)],
  },
});

/** `Lambda`: a function of the script. */
const lambdaClass: PyClass = nativeClass<PyInstance>({
  name: 'Lambda',
  module: moduleName,
  methods: {
    __init__: [
      'lambd',
      (self, args, interpreter) => {
        const callee = args.value('lambd');
        if (callee === null || typeof callee !== 'object') {
          const type = interpreter.classOf(callee).name;
          throw new PythonError('TypeError', `Argument lambd should be callable, got '${type}'`);
        }
        self.attributes.set('lambd', callee);
      },
    ],
    __call__: ['img', (self, args, interpreter) => interpreter.call(attribute(self, 'lambd'), [args.value('img')])],
    __repr__: ['', () => 'Lambda()'],
  },
});

/** The transforms that are made of others. */
export const composedClasses: readonly PyClass[] = [
  composeClass,
  randomApplyClass,
  randomChoiceClass,
  randomOrderClass,
  lambdaClass,
];
