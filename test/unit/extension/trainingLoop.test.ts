import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findTrainingLoop, importsTorch } from '../../../src/commands/trainingLoop';

/** The text of the line that was found. */
function loopOf(...lines: string[]): string | null {
  const line = findTrainingLoop(lines.join('\n'));
  return line === null ? null : lines[line]!.trim();
}

describe('the training loop', () => {
  test('is the innermost loop around backward', () => {
    assert.equal(
      loopOf('for epoch in range(3):', '    for x, y in loader:', '        loss.backward()', '    scheduler.step()'),
      'for x, y in loader:',
    );
  });

  test('ends where its block ends', () => {
    assert.equal(
      loopOf('while True:', '    for p in parameters:', '        print(p)', '    loss.backward()'),
      'while True:',
    );
  });

  test('is around step where nothing calls backward', () => {
    assert.equal(loopOf('for i in range(9):', '    scheduler.step()'), 'for i in range(9):');
  });

  test('is the function where the loop calls it', () => {
    assert.equal(
      loopOf('def train(x):', '    loss(x).backward()', '', 'for x in data:', '    train(x)'),
      'def train(x):',
    );
  });

  test('is not found in strings, comments and texts without training', () => {
    assert.equal(loopOf('"""', 'for x in y:', '    loss.backward()', '"""', 'a = "loss.backward()"'), null);
    assert.equal(loopOf('for x in y:', '    # loss.backward()', '    print(x)'), null);
    assert.equal(loopOf('"""never closed', 'for x in y:', '    loss.backward()'), null);
  });

  test('brackets, backslashes and tabs belong to their line', () => {
    assert.equal(
      loopOf('for x, y in zip(', 'inputs,', 'labels):', '\tloss = f(x,', 'y)', '\tloss \\', '.backward()'),
      'for x, y in zip(',
    );
  });

  test('is found in every example, in its innermost loop', () => {
    for (const file of readdirSync('examples').filter((name) => name.endsWith('.py'))) {
      const text = readFileSync(join('examples', file), 'utf8');
      assert.ok(importsTorch(text), file);
      assert.match(text.split('\n')[findTrainingLoop(text) ?? -1] ?? '', /^\s*for .*:$/, file);
    }
  });

  test('takes no time for long lines and unclosed quotes', () => {
    const text = `import torch\n${`x = '${'a'.repeat(200)}\n`.repeat(2000)}${'('.repeat(5000)}`;
    assert.equal(findTrainingLoop(text), null);
  });
});

describe('a script that imports torch', () => {
  test('names torch itself', () => {
    for (const text of [
      'import torch',
      'x = 1\nfrom torch import nn',
      '    import torch.nn as nn',
      'import torch as t',
    ]) {
      assert.ok(importsTorch(text), text);
    }
    for (const text of ['import torchvision', '# import torch', 'print("import torch")', 'import os']) {
      assert.ok(!importsTorch(text), text);
    }
  });
});
