import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PyModule } from '../../../src/script/objects/functions';
import type { ModuleRow } from '../../../src/script/objects/interpreter';
import { nativeClass, nativeFunction } from '../../../src/script/objects/native';
import { scriptOf } from '../../support/scriptHost';

const layer = nativeClass({
  name: 'Linear',
  module: 'net',
  methods: { __init__: ['in_features, out_features, bias=True', () => null], forward: ['input', () => null] },
});
const netModule: ModuleRow = {
  name: 'net',
  build: () => new PyModule('net', { Linear: layer, relu: nativeFunction('relu', 'input, inplace=False', () => null) }),
};
const netLayers: ModuleRow = { name: 'net.layers', build: () => new PyModule('net.layers', { Linear: layer }) };

function problems(source: string): string[] {
  return scriptOf(source, undefined, [netModule, netLayers])
    .preflight()
    .map(
      ({ line, column, code, message, suggestion }) =>
        `${line}:${column} ${code} ${message}${suggestion === null ? '' : ` -> ${suggestion}`}`,
    );
}

const cases: readonly [name: string, source: string, wanted: readonly string[]][] = [
  ['a syntax error', 'x = = 1\n', ['1:4 syntax invalid syntax']],
  ['an unknown module', 'import nett\n', ['1:7 import Gradstep has no module nett -> net']],
  ['an unknown name of a module', 'from net import Liner\n', ['1:16 import Gradstep has no net.Liner -> Linear']],
  [
    'a missing attribute of a module',
    'import net\nnet.reluu(1)\n',
    ['2:4 attribute Gradstep has no net.reluu -> relu'],
  ],
  [
    'a missing attribute of a module that a docstring speaks of',
    '"""Uses reluu."""\nimport net\nnet.reluu(1)\n',
    ['3:4 attribute Gradstep has no net.reluu -> relu'],
  ],
  [
    'a chain of modules',
    'import net\nnet.layers.Linar(1, 2)\n',
    ['2:11 attribute Gradstep has no net.layers.Linar -> Linear'],
  ],
  [
    'an unknown keyword',
    'from net import Linear\nLinear(1, 2, bais=False)\n',
    ["2:13 argument Linear() got an unexpected keyword argument 'bais' -> bias"],
  ],
  [
    'an attribute nobody has',
    'x = [1]\nx.apend(2)\n',
    ["2:2 attribute no object here has an attribute 'apend' -> append"],
  ],
  ['a name nobody defines', 'def f():\n    return lenght\n', ["2:11 name name 'lenght' is not defined"]],
  [
    'a misspelt name',
    'learning_rate = 1\nprint(learning_rat)\n',
    ["2:6 name name 'learning_rat' is not defined -> learning_rate"],
  ],
  [
    'open',
    "f = open('x')\n",
    [
      '1:4 unsupported open() is not available: scripts have no files of their own; data sets come from torchvision.datasets',
    ],
  ],
  ['async', 'async def f():\n    pass\n', ['1:0 unsupported async functions are not supported']],
  ['return outside a function', 'return 1\n', ["1:0 syntax 'return' outside function"]],
  ['break outside a loop', 'if 1:\n    break\n', ["2:4 syntax 'break' outside loop"]],
];

for (const [name, source, wanted] of cases) {
  test(`${name} is found`, () => assert.deepEqual(problems(source), wanted));
}

test('all problems come at once, in the order of the lines', () => {
  const found = problems('import nothing\nx = undefined_a\n\ny = undefined_b\ninput()\n');
  assert.deepEqual(
    found.map((problem) => problem.split(' ')[1]),
    ['import', 'name', 'name', 'unsupported'],
  );
});

const fine: Record<string, string> = {
  'a guarded import': 'try:\n    import nothing\nexcept ImportError:\n    nothing = None\nprint(nothing)\n',
  'names that are defined later': 'def f(): return later\nlater = 1\nf()\n',
  'attributes of own classes': 'class A:\n    def __init__(self): self.weights = 1\nprint(A().weights)\n',
  'attributes from parsed arguments':
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--batch-size', default=1)\nprint(p.parse_args([]).batch_size)\n",
  'attributes made by templates': "class A: pass\na = A()\nfor i in range(2): setattr(a, f'fc{i}', i)\nprint(a.fc0)\n",
  'fields of named tuples':
    "from collections import namedtuple\nP = namedtuple('P', 'left right')\nprint(P(1, 2).left)\n",
  'parameters kept as attributes': 'from net import Linear\nprint(Linear(1, 2).in_features)\n',
  'a local name that hides a module': 'import net\ndef f(net): return net.append\n',
  'a builtin that the script defines itself': 'def open(x): return x\nopen(1)\n',
  'scopes of comprehensions and lambdas':
    'print([a + b for a in [1] for b in [a]], (lambda q: q)(1), {k: v for k, v in {}.items()})\n',
  'dunder names of the module': "if __name__ == '__main__':\n    print(__file__)\n",
  'walrus and star imports': 'from math import *\nif (n := floor(2.5)) > 1: print(n, pi)\n',
};

for (const [name, source] of Object.entries(fine)) {
  test(`${name}: no problem`, () => assert.deepEqual(problems(source), []));
}

test('the snippets that mean no harm have no problems', () => {
  const folder = join(process.cwd(), 'test', 'fixtures', 'python');
  // These use names and attributes that don't exist, to see the errors.
  const onPurpose = new Set([
    'functions.py',
    'lists.py',
    'strings.py',
    'classes.py',
    'exceptions.py',
    'enums.py',
    'assignments.py',
  ]);
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.py') || onPurpose.has(name)) continue;
    assert.deepEqual(problems(readFileSync(join(folder, name), 'utf8')), [], name);
  }
});
