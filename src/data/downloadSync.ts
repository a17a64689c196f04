import { existsSync } from 'node:fs';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { GradstepError } from '../common/errors';
import type { RemoteDataset } from './archives';
import type { Progress } from './download';

/** What the thread is started with. `state` is two Int32: messages sent, and 1 to cancel. */
export interface WorkerRequest {
  dataset: RemoteDataset;
  root: string;
  state: SharedArrayBuffer;
  port: MessagePort;
  connectTimeout: number;
}

export type WorkerMessage =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'done' }
  | { kind: 'failed'; code: string; message: string; hint: string | undefined };

export interface SyncDownloadOptions {
  /** The bundle of `downloadWorker.ts`. */
  entry: string;
  /** Called from time to time, and with the last of several reports only. */
  onProgress?: (progress: Progress) => void;
  /** Asked some times a second; true stops the download. */
  isCancelled?: () => boolean;
  /** Milliseconds until the server must have answered (default 5000). */
  connectTimeout?: number;
}

/** How long the calling thread sleeps before it looks again whether it was cancelled, in milliseconds. */
const pollInterval = 100;

/** The thread must have said something in this time, in milliseconds: more than its own deadlines together. */
const silence = 60_000;

/** URLs that failed in this process, and with what: they aren't tried again. */
const failures = new Map<string, GradstepError>();

/** Lets a data set that couldn't be downloaded be tried again. */
export function forgetFailedDownloads(): void {
  failures.clear();
}

/**
 * Downloads a data set while the calling thread, which must not be the only one that serves a person, waits: a worker
 * thread does the work. A failure (but not a cancellation) is remembered and thrown again at once at the next call.
 * Throws as `downloadDataset`.
 */
export function downloadSync(dataset: RemoteDataset, root: string, options: SyncDownloadOptions): void {
  const key = dataset.files.map((file) => file.url).join(' ');
  const earlier = failures.get(key);
  if (earlier !== undefined) throw earlier;
  const outcome = runWorker(dataset, root, options);
  if (outcome === undefined) return;
  if (outcome.code !== 'data.download.cancelled') failures.set(key, outcome);
  throw outcome;
}

function runWorker(dataset: RemoteDataset, root: string, options: SyncDownloadOptions): GradstepError | undefined {
  if (!existsSync(options.entry)) {
    return new GradstepError(`The downloader ${options.entry} is missing.`, {
      code: 'data.download.entry',
      audience: 'maintainer',
      hint: 'Build the extension again.',
    });
  }
  const state = new SharedArrayBuffer(8);
  const flags = new Int32Array(state);
  const { port1, port2 } = new MessageChannel();
  const connectTimeout = options.connectTimeout ?? 5000;
  const workerData: WorkerRequest = { dataset, root, state, port: port2, connectTimeout };
  const worker = new Worker(options.entry, { workerData, transferList: [port2], execArgv: [] });
  worker.unref();
  let seen = 0;
  let lastHeard = Date.now();
  try {
    for (;;) {
      Atomics.wait(flags, 0, seen, pollInterval);
      seen = Atomics.load(flags, 0);
      if (options.isCancelled?.() === true) Atomics.store(flags, 1, 1);
      let progress: Progress | undefined;
      let end: Exclude<WorkerMessage, { kind: 'progress' }> | undefined;
      for (let packet = receiveMessageOnPort(port1); packet !== undefined; packet = receiveMessageOnPort(port1)) {
        const message = packet.message as WorkerMessage;
        lastHeard = Date.now();
        if (message.kind === 'progress') progress = message.progress;
        else end = message;
      }
      if (progress !== undefined) options.onProgress?.(progress);
      if (end?.kind === 'done') return undefined;
      if (end !== undefined) return new GradstepError(end.message, { code: end.code, hint: end.hint });
      if (Date.now() - lastHeard > silence) {
        return new GradstepError(`The download into ${root} said nothing for ${silence / 1000} s and was given up.`, {
          code: 'data.download.silent',
          hint: 'Check the network connection and try again.',
        });
      }
    }
  } finally {
    port1.close();
    void worker.terminate();
  }
}
