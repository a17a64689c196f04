import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { EngineMessage, RequestMessage, Status } from '../common/engineContract';
import { sharedSlots, type WorkerEnvelope } from './channel';

/**
 * The child process: it owns the worker in which the script runs, and passes messages between the client and the
 * worker. It stays responsive while the worker computes: it answers `ping` and raises the interrupt flag.
 */
const shared = new Int32Array(new SharedArrayBuffer(Object.keys(sharedSlots).length * Int32Array.BYTES_PER_ELEMENT));
const { port1: port, port2: workerPort } = new MessageChannel();
const worker = new Worker(join(__dirname, 'worker.cjs'), {
  workerData: { port: workerPort, shared },
  transferList: [workerPort],
  resourceLimits: { stackSizeMb: 200, maxOldGenerationSizeMb: 8192, maxYoungGenerationSizeMb: 96 },
});

let status: Status = 'idle';

function toClient(message: EngineMessage, weight: number): void {
  process.send?.(message, undefined, {}, () => {
    if (weight === 0) return;
    Atomics.sub(shared, sharedSlots.inFlight, weight);
    Atomics.notify(shared, sharedSlots.inFlight);
  });
}

port.on('message', ({ message, weight }: WorkerEnvelope) => {
  if (message.kind === 'event' && message.name === 'state') status = message.body.status;
  toClient(message, weight);
});

const interrupting: ReadonlySet<string> = new Set(['stop', 'restart', 'start']);

process.on('message', (message: RequestMessage) => {
  if (message.name === 'ping') {
    toClient({ kind: 'reply', id: message.id, ok: true, body: { status } }, 0);
    return;
  }
  // The flag first: a worker that has the message already must not find it raised later.
  if (interrupting.has(message.name)) Atomics.store(shared, sharedSlots.interrupt, 1);
  port.postMessage(message);
  Atomics.add(shared, sharedSlots.wake, 1);
  Atomics.notify(shared, sharedSlots.wake);
});

process.on('disconnect', () => process.exit(0));

worker.on('error', (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`, () => process.exit(70));
});
worker.on('exit', () => process.exit(70));
