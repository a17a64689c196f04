import { workerData } from 'node:worker_threads';
import { GradstepError } from '../common/errors';
import { downloadDataset } from './download';
import type { WorkerMessage, WorkerRequest } from './downloadSync';

/** The entry point of the thread that `downloadSync` waits for. */
const { dataset, root, state, port, connectTimeout } = workerData as WorkerRequest;
const flags = new Int32Array(state);
const cancel = new AbortController();
const watch = setInterval(() => {
  if (Atomics.load(flags, 1) !== 0) cancel.abort();
}, 100);

function send(message: WorkerMessage): void {
  port.postMessage(message);
  Atomics.add(flags, 0, 1);
  Atomics.notify(flags, 0);
}

async function main(): Promise<void> {
  try {
    await downloadDataset(dataset, root, {
      connectTimeout,
      signal: cancel.signal,
      onProgress: (progress) => send({ kind: 'progress', progress }),
    });
    send({ kind: 'done' });
  } catch (error) {
    const known = error instanceof GradstepError;
    send({
      kind: 'failed',
      code: known ? error.code : 'data.download.failed',
      message: error instanceof Error ? error.message : String(error),
      hint: known ? error.hint : undefined,
    });
  } finally {
    clearInterval(watch);
    port.close();
  }
}

void main();
