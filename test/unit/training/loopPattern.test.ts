import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../../src/common/phase';
import { IterationCounter } from '../../../src/core/training/iterations';
import { LoopPattern, type LoopPlace } from '../../../src/core/training/loopPattern';

/** Plays events; the line of a phase is where it stands here, unless it is given as `phase:line`. */
const lines: Record<string, number> = { zero_grad: 1, forward: 2, loss: 3, backward: 4, step: 5, scheduler_step: 6 };

class Script {
  private readonly pattern = new LoopPattern();
  private readonly iterations = new IterationCounter();
  last: LoopPlace = { pattern: [], position: -1 };

  play(events: string, training = true): this {
    for (const event of events.split(' ')) {
      const [name, given] = event.split(':') as [Phase, string?];
      const line = given === undefined ? lines[name]! : Number(given);
      this.last = this.pattern.observe(name, line, this.iterations.observe(name, line, training), training);
    }
    return this;
  }

  get shown(): string {
    return this.last.pattern.map(({ phase, occasional }) => (occasional ? `(${phase})` : phase)).join(' ');
  }
}

const iteration = 'zero_grad forward loss backward step';

test('before an iteration is complete: what has been seen', () => {
  const script = new Script().play('zero_grad forward');
  assert.equal(script.shown, 'zero_grad forward');
  assert.equal(script.last.position, 1);
});

test('the order of the script, and the place in it', () => {
  const script = new Script().play(`${iteration} zero_grad forward loss`);
  assert.equal(script.shown, iteration);
  assert.equal(script.last.position, 2);
  const other = 'forward loss zero_grad backward step';
  assert.equal(new Script().play(`${other} ${other}`).shown, other);
});

test('what comes once an epoch stays, as occasional', () => {
  const script = new Script().play(`${iteration} ${iteration} scheduler_step`);
  assert.equal(script.shown, `${iteration} (scheduler_step)`);
  assert.equal(script.last.position, 5);
  script.play(`${iteration} ${iteration} zero_grad`);
  assert.equal(script.shown, `${iteration} (scheduler_step)`);
  assert.equal(script.last.position, 0);
});

test('accumulation: the step is not in every mini-batch', () => {
  const batch = 'forward loss backward';
  const script = new Script().play(`${batch} ${batch} step zero_grad ${batch} ${batch} step zero_grad forward`);
  assert.equal(script.shown, `${batch} (step) (zero_grad)`);
});

test('a phase that the first iteration alone had is occasional', () => {
  const script = new Script().play('zero_grad:9 forward loss backward step forward loss backward step forward');
  assert.equal(script.shown, '(zero_grad) forward loss backward step');
});

test('an evaluation is no part of it', () => {
  const script = new Script().play(`${iteration} ${iteration}`).play('forward:20 loss:21', false);
  assert.equal(script.shown, iteration);
  assert.equal(script.last.position, -1);
  script.play('zero_grad');
  assert.equal(script.last.position, 0);
});

test('another loop replaces the pattern', () => {
  const second = 'forward:12 loss:13 backward:14 step:15';
  const script = new Script().play(`${iteration} ${iteration} ${second} ${second} ${second}`);
  assert.equal(script.shown, 'forward loss backward step');
  assert.equal(script.last.pattern[0]!.line, 12);
  assert.equal(script.last.position, 3);
});
