import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import type { RemoteDataset } from '../../../src/data/archives';
import { downloadSync, forgetFailedDownloads } from '../../../src/data/downloadSync';
import type { Progress } from '../../../src/data/download';
import { openDataset } from '../../../src/data/openDataset';
import { temporaryFolder } from './temporary';

async function buildEntry(t: TestContext): Promise<string> {
  const entry = join(temporaryFolder(t), 'downloadWorker.cjs');
  const source = 'src/data/downloadWorker.ts';
  await build({
    bundle: true,
    platform: 'node',
    format: 'cjs',
    entryPoints: [source],
    outfile: entry,
    logLevel: 'error',
  });
  return entry;
}

const serverCode = `
  const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    if (request.url === '/slow') { response.write('begun'); return; }
    if (request.url !== '/data') { response.writeHead(503).end(); return; }
    response.end('the data');
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  parentPort.on('message', () => parentPort.postMessage(requests));
`;

/** A server in a thread of its own, as the calling thread is blocked while it waits. */
async function startServer(t: TestContext): Promise<{ base: string; requests: () => Promise<number> }> {
  const worker = new Worker(serverCode, { eval: true });
  t.after(() => worker.terminate());
  const next = () => new Promise<number>((resolve) => worker.once('message', resolve));
  const base = `http://127.0.0.1:${await next()}`;
  return {
    base,
    requests: () => {
      const answer = next();
      worker.postMessage('requests');
      return answer;
    },
  };
}

function dataset(url: string): RemoteDataset {
  const hex = createHash('sha256').update('the data').digest('hex');
  return { folder: 'in', files: [{ url, name: 'file', checksum: { algorithm: 'sha256', hex }, kind: 'keep' }] };
}

test('a download is waited for, and a failure is remembered', async (t) => {
  const entry = await buildEntry(t);
  const { base, requests } = await startServer(t);
  const root = temporaryFolder(t);
  const reports: Progress[] = [];
  downloadSync(dataset(`${base}/data`), root, { entry, onProgress: (progress) => reports.push(progress) });
  assert.equal(readFileSync(join(root, 'in', 'file'), 'utf8'), 'the data');
  assert.equal(reports.at(-1)?.received, 8);

  const empty = temporaryFolder(t);
  const refused = { code: 'data.download.refused', message: /503/ };
  assert.throws(() => downloadSync(dataset(`${base}/other`), empty, { entry }), refused);
  assert.throws(() => downloadSync(dataset(`${base}/other`), empty, { entry }), refused);
  assert.equal(await requests(), 2);
  forgetFailedDownloads();
  assert.throws(() => downloadSync(dataset(`${base}/other`), empty, { entry }), refused);
  assert.equal(await requests(), 3);
});

test('a download can be cancelled while it is waited for', async (t) => {
  const entry = await buildEntry(t);
  const { base } = await startServer(t);
  const began = Date.now();
  const isCancelled = () => Date.now() - began > 300;
  assert.throws(() => downloadSync(dataset(`${base}/slow`), temporaryFolder(t), { entry, isCancelled }), {
    code: 'data.download.cancelled',
  });
});

test('an entry that is missing is said so', (t) => {
  assert.throws(() => downloadSync(dataset('http://127.0.0.1:1/'), temporaryFolder(t), { entry: '/nowhere.cjs' }), {
    code: 'data.download.entry',
  });
  forgetFailedDownloads();
});

test('files come first, then the sample, and without download=True what torchvision raises', (t) => {
  const root = temporaryFolder(t, { 'cifar-10-batches-bin/test_batch.bin': new Uint8Array(2 * 3073).fill(6) });
  assert.deepEqual(openDataset({ name: 'CIFAR10', train: false, root, download: true }).targets, [6, 6]);
  const nowhere = join(root, 'nowhere');
  const other = openDataset({ name: 'CIFAR10', train: false, root: nowhere, otherRoots: [root], download: false });
  assert.equal(other.length, 2);
  const sample = openDataset({ name: 'CIFAR10', train: true, root, download: true });
  assert.equal(sample.source, 'built-in sample');
  assert.match(sample.notices.join('\n'), /NOT the images of CIFAR10[^]*switched off/);
  assert.equal(openDataset({ name: 'MNIST', train: true, root, download: true }).image(0).data.length, 784);
  assert.throws(() => openDataset({ name: 'CIFAR10', train: true, root, download: false }), {
    exception: 'RuntimeError',
    message: 'Dataset not found or corrupted. You can use download=True to download it',
  });
});

test('when the download fails the sample stands in, and the notice says why', (t) => {
  const downloader = { entry: '/nowhere.cjs' };
  const data = openDataset({ name: 'KMNIST', train: true, root: temporaryFolder(t), download: true, downloader });
  forgetFailedDownloads();
  assert.equal(data.length, 2000);
  assert.match(data.notices[1]!, /nowhere\.cjs is missing/);
});

test('damaged files are never replaced by the sample', (t) => {
  const root = temporaryFolder(t, { 'cifar-10-batches-bin/test_batch.bin': new Uint8Array(100) });
  assert.throws(() => openDataset({ name: 'CIFAR10', train: false, root, download: true }), { code: 'data.truncated' });
});
