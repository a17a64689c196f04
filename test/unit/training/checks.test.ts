import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../../src/common/phase';
import { Tape } from '../../../src/core/tensor/tape';
import { Tensor } from '../../../src/core/tensor/tensor';
import { concreteValue, type Value } from '../../../src/core/tensor/value';
import { LoopChecks } from '../../../src/core/training/checks';
import { tensorSlot, type EventRecord } from '../../../src/core/training/eventRecord';

const tape = new Tape({
  compile: () => {
    throw new Error('nothing runs here');
  },
});

function scalar(value: number): Value {
  return concreteValue(Float32Array.of(value), [1], 'float32');
}

/** A loop over one or more parameters, written as its calls; gradients are numbers. */
class Loop {
  readonly checks = new LoopChecks();
  private readonly parameters: [string, Tensor][] = [];
  private index = 0;

  constructor(names: readonly string[] = ['w']) {
    for (const name of names) {
      const parameter = new Tensor(tape, scalar(1));
      parameter.setRequiresGrad(true);
      this.parameters.push([name, parameter]);
    }
  }

  zeroGrad(setToNone = true): this {
    for (const [, parameter] of this.parameters) {
      if (setToNone) parameter.grad = null;
      else parameter.grad?.overwrite(scalar(0));
    }
    return this.event('zero_grad');
  }

  backward(gradient = 1, names?: readonly string[]): this {
    for (const [name, parameter] of this.parameters) {
      if (names && !names.includes(name)) continue;
      if (parameter.grad) parameter.grad.overwrite(scalar(Number(parameter.grad.data[0]) + gradient));
      else parameter.grad = new Tensor(tape, scalar(gradient));
    }
    return this.event('backward');
  }

  step(names?: readonly string[]): this {
    for (const [name, parameter] of this.parameters) {
      if (!parameter.grad || (names && !names.includes(name))) continue;
      parameter.overwrite(scalar(Number(parameter.data[0]) - 0.1 * Number(parameter.grad.data[0])));
    }
    return this.event('step');
  }

  schedulerStep(): this {
    return this.event('scheduler_step');
  }

  loss(value: number): this {
    return this.event('loss', scalar(value));
  }

  found(): string[] {
    return this.checks.findings.map(({ check }) => check).sort();
  }

  private event(phase: Phase, loss: Value | null = null): this {
    const record: EventRecord = {
      index: this.index++,
      phase,
      line: 1,
      iteration: 1,
      epoch: 1,
      lr: [],
      optimizers: [],
      warnings: [],
      loss,
      persistent: this.parameters.map(([name, parameter]) => tensorSlot('parameter', name, parameter.value)),
      own: [],
      layerTypes: {},
      edits: [],
      subject: null,
      place: { pattern: [], position: -1 },
      accuracy: null,
      schedules: [],
      unedited: null,
    };
    this.checks.observe({ record, parameters: this.parameters, readElements: true });
    return this;
  }
}

function times(count: number, body: (loop: Loop) => void, loop = new Loop()): string[] {
  for (let i = 0; i < count; i++) body(loop);
  return loop.found();
}

test('correct loops raise nothing', () => {
  assert.deepEqual(
    times(6, (l) => l.zeroGrad().backward().step()),
    [],
  );
  assert.deepEqual(
    times(6, (l) => l.zeroGrad(false).backward().step()),
    [],
  );
  assert.deepEqual(
    times(6, (l) => l.backward().step().zeroGrad()),
    [],
  );
  assert.deepEqual(
    times(6, (l) => l.zeroGrad().backward().step().schedulerStep()),
    [],
  );
});

test('a correct accumulation raises nothing', () => {
  assert.deepEqual(
    times(6, (l) => l.backward().backward().backward().backward().step().zeroGrad()),
    [],
  );
});

test('a missing zero_grad is found, with how many backwards add up', () => {
  const loop = new Loop(['a', 'b']);
  assert.deepEqual(
    times(4, (l) => l.backward().step(), loop),
    ['accumulated'],
  );
  const [finding] = loop.checks.findings;
  assert.equal(finding?.firstEvent, 3);
  assert.equal(finding?.occurrences, 3);
  assert.match(finding?.message ?? '', /2 parameters \(a, b\) are the sum of 4 backward passes/);
  assert.match(finding?.suggestion ?? '', /zero_grad/);
  assert.deepEqual(finding?.numbers, { parameters: 2, backwards: 4, event: 3 });
});

test('gradients that are zeroed before their optimizer steps are no finding', () => {
  const loop = new Loop(['critic', 'actor']);
  times(4, (l) => l.zeroGrad().backward(1, ['critic']).step(['critic']).backward(1).step(['actor']), loop);
  assert.deepEqual(loop.found(), []);
});

test('a step without a new backward', () => {
  assert.deepEqual(
    times(1, (l) => l.zeroGrad().backward().step().step()),
    ['stepWithoutBackward'],
  );
});

test('a scheduler before the first step, and one in place of it', () => {
  assert.deepEqual(
    times(1, (l) => l.zeroGrad().backward().schedulerStep().step()),
    ['schedulerFirst'],
  );
  assert.deepEqual(
    times(3, (l) => l.zeroGrad().backward().schedulerStep()),
    ['schedulerInstead'],
  );
});

test('parameters that never change', () => {
  const loop = new Loop(['used', 'forgotten']);
  times(4, (l) => l.zeroGrad().backward(1, ['used']).step(), loop);
  assert.deepEqual(loop.found(), ['neverChanges']);
  assert.deepEqual(loop.checks.findings[0]?.subjects, ['forgotten']);
  assert.match(loop.checks.findings[0]?.message ?? '', /^Not changed by 4 steps: 1 parameter \(forgotten\)\.$/);
});

test('vanishing and exploding gradients', () => {
  assert.deepEqual(times(3, (l) => l.zeroGrad().backward(1e-12).step()).includes('vanishing'), true);
  assert.deepEqual(
    times(1, (l) => l.zeroGrad().backward(5000).step()),
    ['exploding'],
  );
  assert.deepEqual(
    times(2, (l) => l.zeroGrad().backward(1e-12).step()),
    [],
  );
});

test('the first value that is not finite is named once', () => {
  const loop = new Loop().loss(1).loss(NaN).loss(Infinity);
  assert.deepEqual(loop.found(), ['notFinite']);
  const [finding] = loop.checks.findings;
  assert.equal(finding?.firstEvent, 1);
  assert.match(finding?.message ?? '', /Event 1 .*the loss has 1 NaN and 0 infinite/);
});
