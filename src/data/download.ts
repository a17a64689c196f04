import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import { GradstepError } from '../common/errors';
import type { RemoteDataset, RemoteFile } from './archives';
import { count } from './files';

/** The part of `fetch` that a download needs; tests put their own in. */
export type Fetch = (url: string, init: { headers: Record<string, string>; signal: AbortSignal }) => Promise<Response>;

export interface Progress {
  /** The file's name. */
  name: string;
  /** Bytes on disk so far, those of an earlier try included. */
  received: number;
  /** Undefined when the server doesn't say. */
  total: number | undefined;
}

export interface DownloadOptions {
  fetch?: Fetch;
  onProgress?: (progress: Progress) => void;
  /** Cancels; what has arrived stays in `.part` for the next time. */
  signal?: AbortSignal;
  /** Milliseconds until the server must have answered (default 5000). */
  connectTimeout?: number;
  /** Milliseconds between two pieces of the body (default 30000). */
  stallTimeout?: number;
}

/** How often a download that breaks off, but got on, is taken up again by itself. */
const resumptions = 3;

/** An interruption that a resumed request can mend, as opposed to a refusal. */
class Interrupted extends GradstepError {
  constructor(
    message: string,
    readonly received: number,
  ) {
    super(message, { code: 'data.download.interrupted', hint: 'Run again: it goes on from where it stopped.' });
  }
}

function failure(code: string, message: string, hint: string): GradstepError {
  return new GradstepError(`${message} ${hint}`, { code: `data.download.${code}`, hint });
}

/** Aborts after `milliseconds` without a call of `touch`, or with the caller's signal. */
class Deadline {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private readonly forward = () => this.controller.abort();

  constructor(private readonly outer: AbortSignal | undefined) {
    if (outer?.aborted) this.controller.abort();
    outer?.addEventListener('abort', this.forward);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  touch(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.forward, milliseconds);
  }

  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.forward);
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error ? ` (${cause.cause.message})` : '';
  return `${cause.message}${inner}`;
}

async function hashFile(file: string, hash: Hash): Promise<void> {
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
}

/** Where a `Content-Range: bytes FROM-TO/TOTAL` begins and how much there is in all. */
function contentRange(response: Response): { from: number; total: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (match === null) return undefined;
  return { from: Number(match[1]), total: match[2] === '*' ? undefined : Number(match[2]) };
}

/** One request: appends to `part` what the server sends after the bytes that are there, and hashes all of it. */
async function request(file: RemoteFile, part: string, hash: Hash, options: DownloadOptions): Promise<void> {
  const have = existsSync(part) ? (await stat(part)).size : 0;
  const connectTimeout = options.connectTimeout ?? 5000;
  const deadline = new Deadline(options.signal);
  let received = have;
  try {
    deadline.touch(connectTimeout);
    const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
    let response: Response;
    try {
      response = await (options.fetch ?? fetch)(file.url, { headers, signal: deadline.signal });
    } catch (cause) {
      if (options.signal?.aborted) throw cancelled(file);
      const late = deadline.signal.aborted ? `no answer within ${connectTimeout / 1000} s` : describe(cause);
      throw failure('unreachable', `${file.url} can't be reached: ${late}.`, 'Check the network connection.');
    }
    const range = response.status === 206 ? contentRange(response) : undefined;
    const wholeFile = response.status === 200;
    if (response.status === 416 || (response.status === 206 && range?.from !== have)) {
      await response.body?.cancel();
      await rm(part, { force: true });
      throw new Interrupted(`${file.url}: the server can't go on from byte ${count(have)}.`, 1);
    }
    if ((!wholeFile && range === undefined) || response.body === null) {
      await response.body?.cancel();
      const status = `${response.status} ${response.statusText}`.trim();
      throw failure(
        'refused',
        `${file.url}: the server answered ${status}.`,
        'The file may have moved; get it by hand.',
      );
    }
    if (wholeFile) received = 0;
    else await hashFile(part, hash);
    const length = Number(response.headers.get('content-length') ?? NaN);
    const total = range?.total ?? (Number.isNaN(length) ? undefined : length);
    await mkdir(dirname(part), { recursive: true });
    const output = await open(part, wholeFile ? 'w' : 'a');
    try {
      const reader = response.body.getReader();
      for (;;) {
        deadline.touch(options.stallTimeout ?? 30_000);
        const piece = await reader.read();
        if (piece.done) break;
        hash.update(piece.value);
        await output.appendFile(piece.value);
        received += piece.value.length;
        options.onProgress?.({ name: file.name, received, total });
      }
      if (total !== undefined && received < total) throw new Error('the connection ended early');
    } catch (cause) {
      if (options.signal?.aborted) throw cancelled(file);
      const reason = deadline.signal.aborted ? 'nothing arrived for too long' : describe(cause);
      const of = total === undefined ? '' : ` of ${count(total)}`;
      throw new Interrupted(
        `${file.url}: broke off after ${count(received)}${of} bytes: ${reason}.`,
        wholeFile ? received : received - have,
      );
    } finally {
      await output.close();
    }
  } finally {
    deadline.end();
  }
}

function cancelled(file: RemoteFile): GradstepError {
  return failure('cancelled', `The download of ${file.name} was cancelled.`, 'Run again: it goes on from there.');
}

/**
 * Downloads one file to `target`: into `target.part` first, going on where an earlier try stopped, then checked and
 * renamed; `target` itself is never half-written. Throws `data.download.*`: `unreachable`, `refused`, `interrupted`,
 * `checksum`, `cancelled`.
 */
export async function downloadFile(file: RemoteFile, target: string, options: DownloadOptions = {}): Promise<void> {
  const part = `${target}.part`;
  let mistrusted = false;
  for (let attempt = 0; ; attempt++) {
    const resumed = existsSync(part);
    const hash = createHash(file.checksum.algorithm);
    try {
      await request(file, part, hash, options);
    } catch (error) {
      if (error instanceof Interrupted && error.received > 0 && attempt < resumptions) continue;
      throw error;
    }
    const found = hash.digest('hex');
    if (found === file.checksum.hex) break;
    const size = (await stat(part)).size;
    await rm(part, { force: true });
    if (resumed && !mistrusted) {
      mistrusted = true;
      continue;
    }
    const { algorithm, hex } = file.checksum;
    throw failure(
      'checksum',
      `${file.url}: ${count(size)} bytes arrived with ${algorithm} ${found}, expected ${hex}; they were deleted.`,
      'The file was damaged on its way or has changed; try again, or get it by hand.',
    );
  }
  await rename(part, target);
}

/** Unpacks a `.tar.gz` next to itself and moves each file to its place below `folder` when all of it was read. */
async function unpack(archive: string, folder: string): Promise<void> {
  const temporary = await mkdtemp(join(folder, '.unpacking-'));
  try {
    await pipeline(
      createReadStream(archive),
      createGunzip(),
      unpackTar(temporary, { strict: true, filter: (header) => ['file', 'directory'].includes(header.type ?? 'file') }),
    );
    for (const entry of await readdir(temporary, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const from = join(entry.parentPath, entry.name);
      const to = join(folder, from.slice(temporary.length + 1));
      await mkdir(dirname(to), { recursive: true });
      await rename(from, to);
    }
  } catch (cause) {
    throw new GradstepError(`${archive} can't be unpacked: ${describe(cause)}. Delete it and download it again.`, {
      code: 'data.download.archive',
      hint: 'Delete the archive and download it again.',
      cause,
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Downloads a data set's files to where its reader looks for them below `root`; archives are unpacked and deleted. */
export async function downloadDataset(
  dataset: RemoteDataset,
  root: string,
  options: DownloadOptions = {},
): Promise<void> {
  const folder = join(root, dataset.folder);
  for (const file of dataset.files) {
    const target = join(folder, file.name);
    if (file.kind === 'keep') {
      if (!existsSync(target)) await downloadFile(file, target, options);
      continue;
    }
    await downloadFile(file, target, options);
    await unpack(target, folder);
    await rm(target, { force: true });
  }
}
