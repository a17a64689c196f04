import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { smallTraining } from './engineHarness';

const folder = mkdtempSync(join(tmpdir(), 'gradstep-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function gradstep(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join('dist', 'cli', 'main.cjs'), 'trace', ...words], { encoding: 'utf8' });
}

const training = script('training.py', smallTraining);

test('prints a table, with the script’s own output in between', () => {
  const { status, stdout } = gradstep(training, '--events', '17');
  assert.equal(status, 0);
  const lines = stdout.split('\n');
  assert.match(lines[0]!, /^event +phase +line +what happened +learning rate$/);
  assert.match(lines[2]!, /^ +1 +forward +13 +output \[8, 3\], largest [\d.]+ +0.1$/);
  assert.match(lines[4]!, /^ +3 +backward +15 +loss [\d.]+, largest gradient [\w.]+, norm [\d.]+ +0.1$/);
  assert.match(lines[16]!, /^0 \d\.\d+$/);
  assert.equal(lines.length, 20);
});

test('writes a trace that stops after so many events, twice the same bytes', () => {
  const [first, second] = ['a.jsonl', 'b.jsonl'].map((name) => {
    const out = join(folder, name);
    assert.equal(gradstep(training, '--events', '4', '--out', out).status, 0);
    return readFileSync(out, 'utf8');
  });
  assert.equal(first, second);
  const lines = first!.trimEnd().split('\n');
  assert.equal(lines.length, 5);
  assert.match(
    lines[0]!,
    /^\{"trace": "gradstep\/1", "engine": "gradstep \S+ \(onnxruntime 1\.30\.0\)", "device": "cpu"\}$/,
  );
  const backward = JSON.parse(lines[4]!) as { phase: string; params: Record<string, { grad: object }> };
  assert.equal(backward.phase, 'backward');
  assert.deepEqual(Object.keys(backward.params), ['0.weight', '0.bias', '2.weight', '2.bias']);
  assert.deepEqual(Object.keys(backward.params['0.bias']!.grad), ['sum', 'l2', 'absmax']);
});

test('running fused writes the events that stepping writes', () => {
  const [stepping, running] = [[], ['--run']].map((words, i) => {
    const out = join(folder, `mode${i}.jsonl`);
    assert.equal(gradstep(training, '--events', 'all', '--out', out, ...words).status, 0);
    return readFileSync(out, 'utf8').split('\n');
  });
  assert.equal(running!.length, stepping!.length);
  assert.equal(running!.filter((line) => line.startsWith('{"event"')).length, 750);
  running!.forEach((line, i) => assert.equal(line.slice(0, 30), stepping![i]!.slice(0, 30)));
});

test('a script that fails ends the trace with its error: exit code 1', () => {
  const out = join(folder, 'failed.jsonl');
  const failing = script('failing.py', 'print("é")\nx = [1]\nx[3]\n');
  const { status, stderr } = gradstep(failing, '--out', out);
  assert.equal(status, 1);
  assert.match(stderr, /failing\.py:3: IndexError: list index out of range/);
  assert.deepEqual(readFileSync(out, 'utf8').trimEnd().split('\n').slice(1), [
    '{"print": "\\u00e9"}',
    '{"error": "IndexError: list index out of range", "line": 3}',
  ]);
});

test('what can’t be traced is refused with exit code 2, and nothing is left behind', () => {
  const out = join(folder, 'refused.jsonl');
  const refused: [words: string[], message: RegExp][] = [
    [[join(folder, 'missing.py')], /missing\.py can't be read/],
    [[folder], /can't be read/],
    [[script('binary.py', Uint8Array.of(0xff, 0xfe, 0))], /is no Python script/],
    [[], /which script\?/],
    [[training, '--events', 'many'], /--events many: a whole number/],
    [[training, '--evnts', '3'], /unknown option --evnts/],
    [[training, '--device', 'tpu'], /cpu, cuda or auto/],
    [[training, '--data', join(folder, 'nowhere')], /is no folder/],
  ];
  for (const [words, message] of refused) {
    const { status, stderr } = gradstep(...words, '--out', out);
    assert.equal(status, 2, stderr);
    assert.match(stderr, message);
  }
  assert.equal(gradstep(training, '--out', join(folder, 'no', 'such', 'folder.jsonl')).status, 2);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('refused') || name.endsWith('.part')),
    [],
  );
});

test('a syntax error is refused with its place', () => {
  const { status, stderr } = gradstep(
    script('syntax.py', 'x = 1\nif x\n    pass\n'),
    '--out',
    join(folder, 'syntax.jsonl'),
  );
  assert.equal(status, 2, stderr);
  assert.match(stderr, /syntax\.py:2:\d+: /);
  assert.ok(!existsSync(join(folder, 'syntax.jsonl')));
});

test('every compiled graph is written on request', () => {
  const graphs = join(folder, 'graphs');
  assert.equal(gradstep(training, '--events', '10', '--graphs', graphs).status, 0);
  const names = readdirSync(graphs).sort();
  assert.ok(
    names.some((name) => /^\d{4}_forward\.onnx$/.test(name)),
    names.join(),
  );
  assert.ok(names.some((name) => /^\d{4}_backward\.onnx$/.test(name)));
});

test('a CUDA that can’t be used ends the trace, with what to do', () => {
  const out = join(folder, 'cuda.jsonl');
  const { status, stderr } = gradstep(training, '--events', '5', '--out', out, '--device', 'cuda');
  if (status === 0) {
    assert.equal((JSON.parse(readFileSync(out, 'utf8').split('\n')[0]!) as { device: string }).device, 'cuda');
    return;
  }
  assert.equal(status, 1);
  assert.match(stderr, /^CUDA can't be used: \S.*\n {2}\S/);
  assert.ok(!existsSync(out), 'nothing ran');
});
