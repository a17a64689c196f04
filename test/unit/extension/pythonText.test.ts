import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expressionAt, namesBoundAbove } from '../../../src/debug/pythonText';

/** The expression where `|` stands in the text. */
function at(marked: string): string | null {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const found = expressionAt(text, offset);
  return found && text.slice(found.from, found.to);
}

describe('the expression under the mouse', () => {
  const cases: [marked: string, expression: string | null][] = [
    ['lo|ss = criterion(output, target)', 'loss'],
    ['loss.backward() # lo|ss', null],
    ["print('lo|ss')", null],
    ['model.con|v1.weight', 'model.conv1'],
    ['model.conv1.wei|ght.grad', 'model.conv1.weight'],
    ['mo|del.conv1.weight', 'model'],
    ["optimizer.param_groups[0]['l|r']", "optimizer.param_groups[0]['lr']"],
    ["optimizer.param_groups[|0]['lr']", 'optimizer.param_groups[0]'],
    ['model(x).gr|ad', null],
    ['model(|x).grad', 'x'],
    ['SGD(params, l|r=rate)', null],
    ['SGD(params, lr=ra|te)', 'rate'],
    ['import tor|ch', null],
    ['def tra|in(model): pass', null],
    ['fo|r x in y: pass', null],
    ['f"{lo|ss:.3f}"', 'loss'],
    ['损|失 = 1', '损失'],
  ];
  for (const [marked, expression] of cases) test(marked, () => assert.equal(at(marked), expression));
});

const script = `import torch
scale = 2

def train(model, rate=0.1, *rest):
    total, (low, high) = 0, (1, 2)
    for i, batch in enumerate(loader):
        loss = model(batch, weight=3)
        total += loss
        if (seen := i): pass
        with open(path) as handle: pass
        history[0] = loss
        inner = lambda hidden: hidden
        def helper(unseen):
            invisible = 1
        done = 1
    return total

class Net:
    kind = 'net'

first = second = train(net)
annotated: int = 3
last = 1
`;

function namesAbove(line: string): string[] {
  return namesBoundAbove(script, script.indexOf(line)).map(({ name }) => name);
}

describe('the names bound above a line', () => {
  test('are those of its function, where each was bound last', () => {
    const names = ['model', 'rate', 'rest', 'low', 'high', 'i', 'batch', 'loss', 'total', 'seen', 'handle', 'inner'];
    assert.deepEqual(namesAbove('        done = 1'), names);
    const total = namesBoundAbove(script, script.indexOf('    return total')).find(({ name }) => name === 'total')!;
    assert.ok(script.slice(total.from).startsWith('total += loss'));
  });

  test('of the module leave functions and classes out', () => {
    assert.deepEqual(namesAbove('last = 1'), ['scale', 'first', 'second', 'annotated']);
  });

  test('of a text that is not finished are those that can be read', () => {
    assert.deepEqual(
      namesBoundAbove('a = 1\nb = (\nc = 2\n', 6).map(({ name }) => name),
      ['a'],
    );
  });
});
