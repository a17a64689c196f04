import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../../src/common/phase';
import { IterationCounter } from '../../../src/core/training/iterations';

/** `F L Z B S` with a line each; lower case is under no_grad. */
const letters: Readonly<Record<string, Phase>> = {
  z: 'zero_grad',
  f: 'forward',
  l: 'loss',
  b: 'backward',
  s: 'step',
  c: 'scheduler_step',
};

/** Words such as `F1`: phase and line; a lower-case letter is under no_grad. */
function count(words: string): number[] {
  const counter = new IterationCounter();
  return words.split(' ').map((word) => {
    const letter = word[0]!;
    return counter.observe(letters[letter.toLowerCase()]!, Number(word.slice(1)), letter !== letter.toLowerCase());
  });
}

const cases: [name: string, words: string, iterations: number[]][] = [
  ['zero_grad after the loss', 'F1 L2 Z3 B4 S5 F1 L2 Z3 B4 S5', [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]],
  ['zero_grad first', 'Z1 F2 L3 B4 S5 Z1 F2 L3 B4 S5 Z1', [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3]],
  ['zero_grad last', 'F1 L2 B3 S4 Z5 F1 L2 B3 S4 Z5 F1', [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3]],
  ['zero_grad before the loop', 'Z0 F1 L2 Z3 B4 S5 F1 L2', [1, 1, 1, 1, 1, 1, 2, 2]],
  ['accumulation: each mini-batch', 'F1 L2 B3 F1 L2 B3 S4 Z5 F1 L2 B3', [1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3]],
  ['evaluation in between begins none', 'F1 L2 B3 S4 f9 l10 f9 l10 F1', [1, 1, 1, 1, 1, 1, 1, 1, 2]],
  ['evaluation before training is iteration 0', 'f9 l10 F1 L2', [0, 0, 1, 1]],
  ['no module: any first event', 'B3 S4 B3 S4', [1, 1, 2, 2]],
  ['no module but zero_grad', 'Z1 B3 S4 Z1 B3', [1, 1, 1, 2, 2]],
  ['two networks in one iteration', 'F1 L2 B3 S4 F5 L6 B7 S8 F1', [1, 1, 1, 1, 1, 1, 1, 1, 2]],
  ['the same module twice before backward', 'F1 F1 L2 B3 S4 F1 F1 L2', [1, 1, 1, 1, 1, 2, 2, 2]],
  ['several losses, each with its backward', 'F1 L2 B3 L2 B3 S4 F1', [1, 1, 1, 1, 1, 1, 2]],
];

for (const [name, words, iterations] of cases) {
  test(name, () => assert.deepEqual(count(words), iterations));
}
