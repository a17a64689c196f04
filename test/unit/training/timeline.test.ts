import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concreteValue, Value } from '../../../src/core/tensor/value';
import { tensorSlot, type EventRecord, type SlotList } from '../../../src/core/training/eventRecord';
import { statisticsOf } from '../../../src/core/training/statistics';
import { Timeline } from '../../../src/core/training/timeline';

const kilobyte = 1024;

function value(fill: number, bytes = kilobyte): Value {
  return concreteValue(new Float32Array(bytes / 4).fill(fill), [bytes / 4], 'float32');
}

function record(index: number, persistent: SlotList, own: SlotList = []): EventRecord {
  return {
    index,
    phase: 'step',
    line: 1,
    iteration: 1,
    epoch: 1,
    lr: [0.1],
    optimizers: [],
    warnings: [],
    loss: null,
    persistent,
    own,
    layerTypes: {},
    edits: [],
    subject: null,
    place: { pattern: [], position: -1 },
    accuracy: null,
    schedules: [],
    unedited: null,
  };
}

const parameter = (tensor: Value): SlotList => [tensorSlot('parameter', 'w', tensor)];

test('an array that several events share counts once', () => {
  const timeline = new Timeline();
  const shared = value(1);
  timeline.append(record(0, parameter(shared)));
  const first = timeline.bytes;
  timeline.append(record(1, parameter(shared)));
  assert.ok(timeline.bytes - first < kilobyte, `${timeline.bytes - first} bytes for nothing new`);
  timeline.append(record(2, parameter(value(2))));
  assert.ok(timeline.bytes - first > kilobyte);
});

test('two tensors over one array count once', () => {
  const data = new Float32Array(256);
  const timeline = new Timeline();
  timeline.append(record(0, parameter(concreteValue(data, [256], 'float32'))));
  const first = timeline.bytes;
  timeline.append(record(1, parameter(concreteValue(data, [16, 16], 'float32'))));
  assert.ok(timeline.bytes - first < kilobyte);
});

test('the oldest lose their tensors first and keep the statistics that were looked at; the head never does', () => {
  const timeline = new Timeline(8 * kilobyte);
  const lookedAt = value(2);
  assert.equal(statisticsOf(lookedAt.data!).mean, 2);
  for (let index = 0; index < 10; index++) {
    timeline.append(record(index, parameter(index === 2 ? lookedAt : value(index))));
  }
  assert.ok(timeline.bytes <= 8 * kilobyte);
  assert.ok(timeline.droppedBefore > 0 && timeline.droppedBefore < 9);
  const { dropped } = timeline.at(2);
  assert.equal(dropped?.[0]?.statistics?.mean, 2);
  assert.equal(timeline.at(1).dropped?.[0]?.statistics, null);
  assert.throws(() => timeline.find({ event: 2, kind: 'parameter', name: 'w' }), /were dropped/);
  assert.equal(timeline.find({ event: 9, kind: 'parameter', name: 'w' })?.data?.[0], 9);

  const tiny = new Timeline(1);
  for (let index = 0; index < 3; index++) tiny.append(record(index, parameter(value(index))));
  assert.equal(tiny.at(2).dropped, null);
});

test('a tensor whose elements come after it was recorded counts once, and gives its bytes back', () => {
  const timeline = new Timeline();
  const late = new Value('float32', [256]);
  const slot = tensorSlot('gradient', 'w', late);
  timeline.append(record(0, [slot]));
  late.data = new Float32Array(256);
  const before = timeline.bytes;
  timeline.append(record(1, [slot, tensorSlot('parameter', 'w', value(1))]));
  assert.ok(timeline.bytes - before < 2 * kilobyte, `${timeline.bytes - before} bytes for 1024 new ones`);
  timeline.truncate(-1);
  assert.equal(timeline.bytes, 0);
});

test('cutting the future gives its bytes back', () => {
  const timeline = new Timeline();
  timeline.append(record(0, parameter(value(0))));
  const { bytes } = timeline;
  for (let index = 1; index < 5; index++) timeline.append(record(index, parameter(value(index))));
  timeline.truncate(0);
  assert.equal(timeline.bytes, bytes);
  assert.equal(timeline.head, 0);
  assert.equal(timeline.cursor, 0);
});

/** A long run of a loop of two events with a rate that falls, an accuracy from the 1000th event on, one odd loss. */
function longRun(timeline: Timeline, events: number): EventRecord[] {
  const rates = [[0.1], [0.05], [0.025]];
  const pattern = [{ phase: 'loss', line: 4 } as const, { phase: 'step', line: 5 } as const];
  return Array.from({ length: events }, (_, index): EventRecord => {
    const isLoss = index % 2 === 0;
    const loss =
      index === 700 ? new Value('float32', []) : concreteValue(Float32Array.of(1 / (index + 1)), [], 'float32');
    const added: EventRecord = {
      ...record(index, parameter(value(index))),
      phase: isLoss ? 'loss' : 'step',
      line: isLoss ? 4 : 5,
      iteration: 1 + Math.floor(index / 2),
      epoch: 1 + Math.floor(index / 100),
      lr: rates[Math.min(2, Math.floor(index / 500))]!,
      loss: isLoss ? loss : null,
      place: { pattern, position: isLoss ? 0 : 1 },
      accuracy: index < 1000 ? null : index / 4000,
    };
    timeline.append(added);
    return added;
  });
}

test('events whose tensors are gone for long keep all else that they had', () => {
  const timeline = new Timeline(8 * kilobyte);
  const events = longRun(timeline, 3000);
  events.forEach((event, index) => {
    const { record: kept, dropped } = timeline.at(index);
    const { loss, persistent: _, own: __, unedited: ___, ...facts } = event;
    const { loss: keptLoss, persistent, own: _____, unedited: ______, ...keptFacts } = kept;
    assert.deepEqual(keptFacts, facts);
    assert.equal(keptLoss?.data?.[0], loss?.data?.[0]);
    assert.equal(kept.lr, event.lr);
    assert.equal(kept.place.pattern, event.place.pattern);
    assert.equal(persistent.length, dropped === null ? 1 : 0);
  });
  assert.equal(timeline.at(700).record.loss, events[700]!.loss);
  // Dropped, not archived: these have their statistics still.
  assert.equal(timeline.at(timeline.droppedBefore - 1).dropped?.length, 1);
  assert.equal(timeline.at(10).dropped?.length, 0);
  assert.ok(timeline.bytes < 3000 * 400, `${timeline.bytes} bytes`);
});

test('a long run can be cut off anywhere, and goes on from there', () => {
  for (const last of [2999, 2900, 2400, 1500, 3, 0]) {
    const timeline = new Timeline(8 * kilobyte);
    longRun(timeline, 3000);
    timeline.truncate(last);
    assert.equal(timeline.head, last);
    assert.equal(timeline.cursor, last);
    assert.ok(timeline.droppedBefore <= last + 1);
    const edited = { ...timeline.at(last).record, subject: 'optimizer' };
    timeline.replaceHead(edited);
    assert.equal(timeline.at(last).record.subject, 'optimizer');
    timeline.append(record(last + 1, parameter(value(1))));
    assert.equal(timeline.at(last + 1).record.persistent.length, 1);
    assert.equal(timeline.at(Math.min(last, 10)).record.iteration, 1 + Math.floor(Math.min(last, 10) / 2));
    timeline.truncate(-1);
    assert.deepEqual([timeline.bytes, timeline.head, timeline.cursor], [0, -1, -1]);
  }
});

test('the cursor follows the head, or stays where it was put', () => {
  const timeline = new Timeline();
  timeline.append(record(0, []));
  timeline.append(record(1, []));
  assert.equal(timeline.cursor, 1);
  timeline.moveTo(0);
  timeline.append(record(2, []));
  assert.equal(timeline.cursor, 0);
  assert.throws(() => timeline.moveTo(3), /there is no event 3/);
  assert.throws(() => timeline.append(record(7, [])), /event 7 was recorded after event 2/);
});
