import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GradstepError, PythonError } from '../../../src/common/errors';
import { parse } from '../../../src/script/syntax/parse';
import { PyModule } from '../../../src/script/objects/functions';
import { nativeFunction } from '../../../src/script/objects/native';
import { UncaughtError } from '../../../src/script/runScript';
import { outputOf, recordingHost, scriptOf } from '../../support/scriptHost';

function uncaught(source: string): UncaughtError {
  try {
    scriptOf(source).run();
  } catch (error) {
    if (error instanceof UncaughtError) return error;
    throw error;
  }
  return assert.fail('nothing was raised');
}

test('an uncaught exception tells its type, words, line and call stack', () => {
  const error = uncaught(
    'def f(x):\n    y = x\n    return 1 / y\n\ndef g():\n    return f(0)\n\nprint(\n    g(),\n)\n',
  );
  assert.equal(error.summary, 'ZeroDivisionError: division by zero');
  assert.equal(error.line, 3);
  assert.deepEqual(error.traceback, [
    { functionName: '<module>', line: 9 },
    { functionName: 'g', line: 6 },
    { functionName: 'f', line: 3 },
  ]);
});

test('a hint is beside the message, not in it', () => {
  const name = uncaught('value = 1\nprint(valeu)\n');
  assert.equal(name.message, "name 'valeu' is not defined");
  assert.equal(name.hint, "Did you mean: 'value'?");
  const attribute = uncaught('x = []\nx.apend(1)\n');
  assert.equal(attribute.message, "'list' object has no attribute 'apend'");
  assert.equal(attribute.hint, "Did you mean: 'append'?");
});

test('a method call in a chain over lines reports the line of the name', () => {
  const error = uncaught("x = 'a'\ny = (x\n     .upper()\n     .index('z'))\n");
  assert.equal(error.line, 4);
});

const syntaxErrors: readonly [source: string, type: string, message: string, line: number][] = [
  ['if True\n    pass\n', 'SyntaxError', "expected ':'", 1],
  ['def f():\nreturn 1\n', 'IndentationError', 'expected an indented block after function definition on line 1', 2],
  ['x = 1\n  y = 2\n', 'IndentationError', 'unexpected indent', 2],
  ['if x:\n        a\n    b\n', 'IndentationError', 'unindent does not match any outer indentation level', 3],
  ['print((1, 2)\nx = 1\n', 'SyntaxError', "'(' was never closed", 1],
  ['x = [1, 2)\n', 'SyntaxError', "closing parenthesis ')' does not match opening parenthesis '['", 1],
  ['x = 1)\n', 'SyntaxError', "unmatched ')'", 1],
  ["x = 'abc\n", 'SyntaxError', 'unterminated string literal (detected at line 1)', 1],
  ['print "a"\n', 'SyntaxError', "Missing parentheses in call to 'print'. Did you mean print(...)?", 1],
  ['1 = x\n', 'SyntaxError', "cannot assign to literal here. Maybe you meant '==' instead of '='?", 1],
  ['f() = 1\n', 'SyntaxError', "cannot assign to function call here. Maybe you meant '==' instead of '='?", 1],
  ['f(a=1, 2)\n', 'SyntaxError', 'positional argument follows keyword argument', 1],
  ['def f(a, a): pass\n', 'SyntaxError', "duplicate argument 'a' in function definition", 1],
  ['def f(a=1, b): pass\n', 'SyntaxError', 'non-default argument follows default argument', 1],
  ['x = = 3\n', 'SyntaxError', 'invalid syntax', 1],
];

for (const [source, type, message, line] of syntaxErrors) {
  test(`${JSON.stringify(source)} is refused: ${message}`, () => {
    const [problem] = parse(source).problems;
    assert.deepEqual([problem?.type, problem?.message, problem?.line], [type, message, line]);
  });
}

test('several syntax errors are found at once', () => {
  const { problems } = parse('x = = 1\ny = 2\nz = + = 3\n');
  assert.deepEqual(
    problems.map(({ line }) => line),
    [1, 3],
  );
});

test('an error of native code is a Python exception of its type', () => {
  const modules = [
    {
      name: 'native',
      build: () =>
        new PyModule('native', {
          value: nativeFunction('value', 'x', () => {
            throw new PythonError('ValueError', 'from native code');
          }),
          other: nativeFunction('other', '', () => {
            throw new GradstepError('not supported', { code: 'test.other' });
          }),
          bug: nativeFunction('bug', '', () => {
            throw new TypeError('a bug');
          }),
        }),
    },
  ];
  const source = `
import native
try:
    native.value(1)
except ValueError as e:
    print('value', e)
try:
    native.other()
except RuntimeError as e:
    print('runtime', e)
try:
    native.value()
except TypeError as e:
    print(e)
`;
  assert.equal(
    outputOf(source, modules),
    "value from native code\nruntime not supported\nvalue() missing 1 required positional argument: 'x'\n",
  );
  const bug =
    'import native\ntry:\n    native.bug()\nexcept BaseException:\n    print("caught")\nfinally:\n    print("finally")\n';
  const host = recordingHost();
  assert.throws(() => scriptOf(bug, host, modules).run(), /a bug/);
  assert.equal(host.output, '');
});

test('recursion ends in RecursionError, which the script can catch', () => {
  const source = `
depth = 0
def f():
    global depth
    depth += 1
    f()
try:
    f()
except RecursionError as e:
    print(e, 900 < depth <= 1000)
def g(n):
    return sum(g(n + 1) for _ in range(1))
try:
    g(0)
except RecursionError as e:
    print('again', e)
class A:
    def __getattr__(self, name):
        return self.other
try:
    A().x
except RecursionError as e:
    print('attribute')
`;
  assert.equal(
    outputOf(source),
    'maximum recursion depth exceeded True\nagain maximum recursion depth exceeded\nattribute\n',
  );
});

test('sys.exit ends a run quietly', () => {
  assert.equal(outputOf("import sys\nprint('a')\nsys.exit(1)\nprint('b')\n"), 'a\n');
});
