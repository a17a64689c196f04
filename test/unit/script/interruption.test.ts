import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unwind } from '../../../src/script/objects/exceptions';
import { PyModule } from '../../../src/script/objects/functions';
import type { FrameView, Interpreter } from '../../../src/script/objects/interpreter';
import { nativeFunction } from '../../../src/script/objects/native';
import { recordingHost, scriptOf } from '../../support/scriptHost';

const endless: Record<string, string> = {
  'a while loop': 'while True:\n    pass\n',
  'a for loop over an endless generator': 'def g():\n    while True: yield 1\nfor x in g(): pass\n',
  'a comprehension': 'import itertools\n[x for x in itertools.count()]\n',
  'functions that call each other': 'def f(n): return n\ni = 0\nwhile i >= 0: i = f(i + 1)\n',
};

for (const [name, source] of Object.entries(endless)) {
  test(`${name} can be interrupted`, () => {
    let asked = 0;
    const host = recordingHost(() => ++asked > 3);
    assert.throws(() => scriptOf(source, host).run(), Unwind);
    assert.equal(asked, 4);
  });
}

test('nothing of the script runs once it is interrupted', () => {
  let asked = 0;
  const host = recordingHost(() => ++asked > 1);
  const source = `
class Manager:
    def __enter__(self): return self
    def __exit__(self, *details): print('exit')
def run():
    try:
        with Manager():
            while True: pass
    except BaseException: print('except')
    except: print('bare')
    finally: print('finally')
run()
`;
  assert.throws(() => scriptOf(source, host).run(), Unwind);
  assert.equal(host.output, '');
});

test('native code sees the line of the call and the variables of every frame', () => {
  const seen: { line: number; frames: readonly FrameView[]; locals: [string, unknown][][] }[] = [];
  const look = (interpreter: Interpreter): void => {
    const frames = interpreter.frames();
    const locals = frames.map((frame) => [...frame.locals()].filter(([name]) => name.length === 1));
    seen.push({ line: interpreter.currentLine(), frames, locals });
  };
  const modules = [
    {
      name: 'probe',
      build: () => new PyModule('probe', { look: nativeFunction('look', '*args', (_args, at) => look(at)) }),
    },
  ];
  const source = `from probe import look
def f(a, b=2):
    c = a + b
    look(
        a,
        b,
    )
    d = 5
x = 1
f(x)
list(map(look, [1]))
import functools
functools.partial(look)(
  1)
`;
  scriptOf(source, recordingHost(), modules).run();
  const [first, second, third] = seen;
  assert.equal(first?.line, 4);
  assert.deepEqual(
    first.frames.map(({ functionName }) => functionName),
    ['f', '<module>'],
  );
  assert.deepEqual(first.locals[0], [
    ['a', 1n],
    ['b', 2n],
    ['c', 3n],
  ]);
  assert.equal(second?.line, 11);
  assert.equal(third?.line, 13);
  assert.equal(third.frames.length, 1);
});

test('progress bars report to the host and pass their items through', () => {
  const host = recordingHost();
  const source =
    "from tqdm import tqdm\nbar = tqdm([1, 2, 3], desc='epoch')\nprint([x for x in bar])\nbar.set_postfix(loss=0.5)\n";
  scriptOf(source, host).run();
  assert.equal(host.output, '[1, 2, 3]\n');
  const last = host.reports.find(({ closed }) => closed);
  assert.deepEqual([last?.description, last?.done, last?.total], ['epoch', 3, 3]);
});

test('warnings are shown once for each place and follow the filters', () => {
  const host = recordingHost();
  const source = `import warnings
for _ in range(3):
    warnings.warn('first')
warnings.warn('second', DeprecationWarning)
warnings.filterwarnings('ignore', category=UserWarning)
warnings.warn('third')
with warnings.catch_warnings():
    warnings.simplefilter('error')
    try:
        warnings.warn('fourth')
    except UserWarning as e:
        print('raised', e)
`;
  scriptOf(source, host).run();
  assert.deepEqual(host.warnings, [
    { category: 'UserWarning', message: 'first', line: 3 },
    { category: 'DeprecationWarning', message: 'second', line: 4 },
  ]);
  assert.equal(host.output, 'raised fourth\n');
});
