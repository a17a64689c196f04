import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import type { RemoteFile } from '../../../src/data/archives';
import { remoteDatasets } from '../../../src/data/archives';
import { downloadDataset, downloadFile } from '../../../src/data/download';
import type { Progress } from '../../../src/data/download';
import { temporaryFolder } from './temporary';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: TestContext, handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}/file.bin`;
}

const content = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 31 + (at >> 8)) % 251);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function remote(url: string, bytes = content, kind: RemoteFile['kind'] = 'keep'): RemoteFile {
  return { url, name: 'file.bin', checksum: { algorithm: 'sha256', hex: sha256(bytes) }, kind };
}

/** Serves `content`, from where the Range says; cuts the connection after `cutAfter` bytes of the first answer. */
function ranged(log: (string | undefined)[], cutAfter = Infinity): Handler {
  return (request, response) => {
    const range = request.headers.range;
    log.push(range);
    const from = range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)![1]);
    response.writeHead(from === 0 ? 200 : 206, {
      'content-length': content.length - from,
      ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    if (log.length > 1 || cutAfter === Infinity) response.end(content.subarray(from));
    else response.write(content.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 50));
  };
}

test('a download arrives whole, with its progress, and leaves no .part', async (t) => {
  const url = await serve(t, ranged([]));
  const folder = temporaryFolder(t);
  const reports: Progress[] = [];
  await downloadFile(remote(url), join(folder, 'file.bin'), { onProgress: (progress) => reports.push(progress) });
  assert.deepEqual(readdirSync(folder), ['file.bin']);
  assert.equal(sha256(readFileSync(join(folder, 'file.bin'))), sha256(content));
  assert.deepEqual(reports.at(-1), { name: 'file.bin', received: 200_000, total: 200_000 });
});

test('an interrupted download goes on by itself where it stopped', async (t) => {
  const log: (string | undefined)[] = [];
  const url = await serve(t, ranged(log, 70_000));
  const target = join(temporaryFolder(t), 'file.bin');
  await downloadFile(remote(url), target);
  assert.deepEqual(log, [undefined, 'bytes=70000-']);
  assert.equal(sha256(readFileSync(target)), sha256(content));
});

test('a .part of an earlier time is continued, one of other bytes is begun anew', async (t) => {
  const log: (string | undefined)[] = [];
  const url = await serve(t, ranged(log));
  const good = temporaryFolder(t, { 'file.bin.part': content.subarray(0, 1000) });
  await downloadFile(remote(url), join(good, 'file.bin'));
  const bad = temporaryFolder(t, { 'file.bin.part': new Uint8Array(1000) });
  await downloadFile(remote(url), join(bad, 'file.bin'));
  assert.deepEqual(log, ['bytes=1000-', 'bytes=1000-', undefined]);
  for (const folder of [good, bad]) assert.equal(sha256(readFileSync(join(folder, 'file.bin'))), sha256(content));
});

test('a server without Range sends it all again', async (t) => {
  const url = await serve(t, (_request, response) => response.end(content));
  const folder = temporaryFolder(t, { 'file.bin.part': content.subarray(0, 1000) });
  await downloadFile(remote(url), join(folder, 'file.bin'));
  assert.equal(sha256(readFileSync(join(folder, 'file.bin'))), sha256(content));
});

test('a wrong checksum leaves nothing behind', async (t) => {
  const url = await serve(t, ranged([]));
  const folder = temporaryFolder(t);
  const wrong = remote(url, Buffer.from('something else'));
  await assert.rejects(downloadFile(wrong, join(folder, 'file.bin')), {
    code: 'data.download.checksum',
    message: /200,000 bytes arrived with sha256 [0-9a-f]{64}, expected [0-9a-f]{64}/,
  });
  assert.deepEqual(readdirSync(folder), []);
});

test('404, a server that is not there, and one that is silent fail at once', async (t) => {
  const folder = join(temporaryFolder(t), 'new');
  const target = join(folder, 'file.bin');
  const missing = await serve(t, (_request, response) => response.writeHead(404).end('no'));
  await assert.rejects(downloadFile(remote(missing), target), {
    code: 'data.download.refused',
    message: /404 Not Found/,
  });
  const gone = 'http://127.0.0.1:1/file.bin';
  await assert.rejects(downloadFile(remote(gone), target), {
    code: 'data.download.unreachable',
    message: /127\.0\.0\.1:1/,
  });
  const silent = await serve(t, () => undefined);
  await assert.rejects(downloadFile(remote(silent), target, { connectTimeout: 100 }), {
    code: 'data.download.unreachable',
    message: /no answer within 0\.1 s/,
  });
  assert.equal(existsSync(folder), false, 'not even the folder was made');
});

test('a body that stops coming, and a cancelled download, keep what has arrived', async (t) => {
  const url = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 5000));
  });
  const folder = temporaryFolder(t);
  const cancel = new AbortController();
  const download = downloadFile(remote(url), join(folder, 'file.bin'), {
    signal: cancel.signal,
    onProgress: () => cancel.abort(),
  });
  await assert.rejects(download, { code: 'data.download.cancelled' });
  assert.deepEqual(readdirSync(folder), ['file.bin.part']);
  assert.equal(readFileSync(join(folder, 'file.bin.part')).length, 5000);
});

test('an archive is unpacked, checked and deleted; what is outside of its folder is not written', async (t) => {
  const archive = gzipSync(
    await packTar([
      { header: { name: 'cifar/', size: 0, type: 'directory' } },
      { header: { name: 'cifar/test.bin', size: 5 }, body: 'hello' },
    ]),
  );
  const url = await serve(t, (_request, response) => response.end(archive));
  const root = temporaryFolder(t);
  const file = remote(url, archive, 'tar.gz');
  await downloadDataset({ folder: '', files: [file] }, root);
  assert.deepEqual(readdirSync(root), ['cifar']);
  assert.equal(readFileSync(join(root, 'cifar', 'test.bin'), 'utf8'), 'hello');

  const escaping = gzipSync(await packTar([{ header: { name: '../escaped.bin', size: 5 }, body: 'hello' }]));
  const evil = await serve(t, (_request, response) => response.end(escaping));
  const inner = join(temporaryFolder(t), 'inner');
  const dataset = { folder: '', files: [remote(evil, escaping, 'tar.gz')] };
  await downloadDataset(dataset, inner).catch(() => undefined);
  assert.equal(existsSync(join(inner, '..', 'escaped.bin')), false);
});

test('a damaged archive leaves none of its files', async (t) => {
  const whole = gzipSync(
    await packTar([{ header: { name: 'cifar/test.bin', size: 9000 }, body: new Uint8Array(9000) }]),
  );
  const damaged = whole.subarray(0, whole.length - 20);
  const url = await serve(t, (_request, response) => response.end(damaged));
  const root = temporaryFolder(t);
  const dataset = { folder: '', files: [remote(url, damaged, 'tar.gz')] };
  await assert.rejects(downloadDataset(dataset, root), { code: 'data.download.archive' });
  assert.deepEqual(readdirSync(root), ['file.bin']);
});

test('files that are there already are not asked for', async (t) => {
  const log: (string | undefined)[] = [];
  const url = await serve(t, ranged(log));
  const root = temporaryFolder(t);
  const dataset = { folder: 'MNIST/raw', files: [remote(url)] };
  await downloadDataset(dataset, root);
  await downloadDataset(dataset, root);
  assert.equal(log.length, 1);
  writeFileSync(join(root, 'MNIST/raw/file.bin'), 'edited');
  await downloadDataset(dataset, root);
  assert.equal(readFileSync(join(root, 'MNIST/raw/file.bin'), 'utf8'), 'edited');
});

test('every remote file has a checksum of its algorithm', () => {
  for (const { files } of Object.values(remoteDatasets)) {
    for (const { checksum, url } of files) {
      assert.equal(checksum.hex.length, checksum.algorithm === 'sha256' ? 64 : 32, url);
      assert.match(checksum.hex, /^[0-9a-f]+$/);
    }
  }
  assert.equal(
    remoteDatasets.MNIST.files[2]!.url,
    'https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz',
  );
});
