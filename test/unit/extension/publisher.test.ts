import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';
import { Publisher } from '../../../src/panel/publisher';

describe('the publisher', () => {
  let time = 0;
  let sent: number[] = [];

  beforeEach(() => {
    mock.timers.reset();
    mock.timers.enable({ apis: ['setTimeout'] });
    time = 1000;
    sent = [];
  });

  function publisher(): Publisher {
    const made = new Publisher(
      () => sent.push(time),
      50,
      () => time,
    );
    made.setOpen(true);
    time += 100;
    return made;
  }

  function pass(milliseconds: number): void {
    for (let step = 0; step < milliseconds; step++) {
      time++;
      mock.timers.tick(1);
    }
  }

  test('sends a change at once, and the next ones twenty times a second', () => {
    const published = publisher();
    for (let change = 0; change < 1000; change++) {
      published.changed();
      pass(1);
    }
    assert.deepEqual(sent.slice(0, 4), [1100, 1150, 1200, 1250]);
    assert.equal(sent.length, 21);
    assert.equal(sent.at(-1), 2100, 'after the last change');
    pass(1000);
    assert.equal(sent.length, 21, 'and nothing without a change');
  });

  test('a change that may wait goes with one that may not', () => {
    const published = publisher();
    published.changed(150);
    pass(10);
    published.changed();
    assert.deepEqual(sent, [1110]);
    pass(500);
    assert.deepEqual(sent, [1110]);
    published.changed(150);
    pass(500);
    assert.deepEqual(sent, [1110, 1760]);
  });

  test('sends nothing while it is closed, nor later what was missed then', () => {
    const published = publisher();
    published.changed(150);
    published.setOpen(false);
    published.changed();
    pass(500);
    published.setOpen(true);
    pass(500);
    assert.deepEqual(sent, []);
    published.changed();
    assert.equal(sent.length, 1);
  });
});
