import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromWire, toWire } from '../../../src/protocol/wire';

test('a message survives JSON as it was', () => {
  const message = {
    id: 3,
    name: 'text',
    nothing: null,
    yes: true,
    statistics: { mean: NaN, min: -Infinity, max: Infinity, l2: 0.1, zero: -0.5 },
    step_size: 30n,
    large: -(2n ** 70n),
    betas: [0.9, 0.999, [NaN, 4n]],
    rows: [{ loss: NaN }, { loss: null }],
  };
  assert.deepEqual(fromWire(JSON.parse(JSON.stringify(toWire(message)))), message);
});

test('elements are not looked at', () => {
  const data = new Float32Array([1, NaN]);
  const wire = toWire({ data, page: { data: new BigInt64Array([1n]) } }) as { data: Float32Array };
  assert.equal(wire.data, data);
  assert.equal((fromWire(wire) as { data: Float32Array }).data, data);
});

test('the message that is sent stays what it is', () => {
  const state = Object.freeze({ loss: NaN, list: Object.freeze([1n]) });
  assert.deepEqual(toWire(state), { loss: { $gradstep: 'NaN' }, list: [{ $gradstep: '1n' }] });
  assert.ok(Number.isNaN(state.loss));
});
