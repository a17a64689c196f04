import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ortVersion } from '../../../src/common/cudaProblem';
import { coreFiles, installedOrtFolder, isInstalled, providerFiles } from '../../../src/engine/cudaFolders';
import {
  findCudaPackage,
  installCuda,
  nuget,
  type CudaSource,
  type InstallOptions,
} from '../../../src/engine/cudaInstall';
import { zipOf } from '../../support/zipFile';
import { temporaryFolder } from '../data/temporary';

const provider = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31 + (at >> 8)) % 251));
const path = (name: string): string => `runtimes/linux-x64/native/${name}`;
const archive = zipOf({
  'icon.png': Buffer.from('not wanted'),
  [path(providerFiles[0])]: Buffer.from('shared'),
  [path('libonnxruntime_providers_tensorrt.so')]: Buffer.from('not wanted'),
  [path(providerFiles[1])]: provider,
});
const sha512 = (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('base64');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A stand-in for NuGet's three answers. */
interface Answers {
  leaf?: object;
  entry?: object;
  content?: Handler;
}

async function serve(t: TestContext, { leaf, entry, content }: Answers = {}): Promise<CudaSource> {
  const server = createServer((request, response) => {
    const base = `http://127.0.0.1:${port()}`;
    if (request.url === '/leaf.json')
      return response.end(JSON.stringify(leaf ?? { catalogEntry: `${base}/entry.json` }));
    if (request.url === '/entry.json') {
      const known = { packageHash: sha512(archive), packageHashAlgorithm: 'SHA512', packageSize: archive.length };
      return response.end(JSON.stringify({ ...known, ...entry }));
    }
    if (request.url === '/cuda.nupkg') return (content ?? ranged())(request, response);
    return response.writeHead(404).end();
  });
  const port = (): number => (server.address() as { port: number }).port;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { registration: `http://127.0.0.1:${port()}/leaf.json`, content: `http://127.0.0.1:${port()}/cuda.nupkg` };
}

/** Serves the archive from where the Range says; the first answer is cut off after so many bytes. */
function ranged(log: (string | undefined)[] = [], cutAfter = Infinity): Handler {
  return (request, response) => {
    const { range } = request.headers;
    log.push(range);
    const from = range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)![1]);
    response.writeHead(from === 0 ? 200 : 206, {
      'content-length': archive.length - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${archive.length - 1}/${archive.length}` }),
    });
    if (log.length > 1 || cutAfter === Infinity) response.end(archive.subarray(from));
    else response.write(archive.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 50));
  };
}

function places(t: TestContext): InstallOptions & { folder: string } {
  const root = temporaryFolder(t, Object.fromEntries(coreFiles.map((name) => [`shipped/${name}`, Buffer.from(name)])));
  const store = join(root, 'store');
  return { store, shipped: join(root, 'shipped'), folder: installedOrtFolder(store) };
}

test('size and checksum are known before; then ONNX Runtime and its provider lie in one folder', async (t) => {
  const found = await findCudaPackage(await serve(t));
  assert.equal(found.bytes, archive.length);
  const { folder, ...options } = places(t);
  const older = join(dirname(folder), '1.29.0-linux-x64');
  mkdirSync(older, { recursive: true });
  const seen: number[] = [];
  const onProgress = ({ received }: { received: number }): void => void seen.push(received);
  assert.equal(await installCuda(found, { ...options, onProgress }), folder);
  assert.equal(seen.at(-1), archive.length);
  assert.ok(isInstalled(folder));
  assert.deepEqual(readFileSync(join(folder, providerFiles[1])), provider);
  assert.equal(readFileSync(join(folder, coreFiles[1]), 'utf8'), coreFiles[1]);
  assert.deepEqual(readdirSync(folder).sort(), [...coreFiles, ...providerFiles, 'installed.json'].sort());
  assert.deepEqual(readdirSync(dirname(folder)), [`${ortVersion}-linux-x64`], 'neither the archive nor an old version');
  await installCuda(found, options);
  assert.ok(isInstalled(folder), 'a second time');
});

test('a connection that is cut goes on by itself where it stopped', async (t) => {
  const log: (string | undefined)[] = [];
  const found = await findCudaPackage(await serve(t, { content: ranged(log, 5000) }));
  const { folder, ...options } = places(t);
  await installCuda(found, options);
  assert.deepEqual(log, [undefined, 'bytes=5000-']);
  assert.ok(isInstalled(folder));
});

test('a cancelled download installs nothing, and the next one goes on from there', async (t) => {
  const log: (string | undefined)[] = [];
  const stalling: Handler = (request, response) => {
    if (log.length > 0) return ranged(log)(request, response);
    log.push(request.headers.range);
    response.writeHead(200, { 'content-length': archive.length });
    return void response.write(archive.subarray(0, 4000));
  };
  const found = await findCudaPackage(await serve(t, { content: stalling }));
  const { folder, ...options } = places(t);
  const cancel = new AbortController();
  const cancelled = installCuda(found, { ...options, signal: cancel.signal, onProgress: () => cancel.abort() });
  await assert.rejects(cancelled, { code: 'data.download.cancelled' });
  assert.ok(!existsSync(folder));
  await installCuda(found, options);
  assert.deepEqual(log, [undefined, 'bytes=4000-']);
  assert.ok(isInstalled(folder));
});

test('a wrong checksum, a 404 and a package without the provider install nothing and keep what was there', async (t) => {
  const { folder, ...options } = places(t);
  await installCuda(await findCudaPackage(await serve(t)), options);
  const other = zipOf({ 'readme.txt': Buffer.from('no provider') });
  const cases: [Answers, string][] = [
    [{ entry: { packageHash: sha512(other) } }, 'data.download.checksum'],
    [{ content: (_request, response) => response.writeHead(404).end() }, 'data.download.refused'],
    [
      { entry: { packageHash: sha512(other) }, content: (_request, response) => response.end(other) },
      'cuda.install.package',
    ],
  ];
  for (const [answers, code] of cases) {
    await assert.rejects(installCuda(await findCudaPackage(await serve(t, answers)), options), { code });
    assert.ok(isInstalled(folder), code);
    assert.deepEqual(readdirSync(dirname(folder)), [`${ortVersion}-linux-x64`], code);
  }
});

test('a package that its server does not describe is not downloaded', async (t) => {
  const cases: [Answers, RegExp][] = [
    [{ leaf: {} }, /no usable catalogEntry/],
    [{ leaf: { catalogEntry: 'https://elsewhere.invalid/entry.json' } }, /no usable catalogEntry/],
    [{ entry: { packageHashAlgorithm: 'MD5' } }, /no usable packageHash/],
    [{ entry: { packageSize: null } }, /no usable packageSize/],
  ];
  for (const [answers, message] of cases) {
    await assert.rejects(findCudaPackage(await serve(t, answers)), { code: 'cuda.install.answer', message });
  }
  const source = await serve(t);
  const missing = { ...source, registration: source.registration.replace('leaf', 'gone') };
  await assert.rejects(findCudaPackage(missing), { code: 'cuda.install.refused', message: /404 Not Found/ });
  const gone = { ...source, registration: 'http://127.0.0.1:1/leaf.json' };
  await assert.rejects(findCudaPackage(gone), { code: 'cuda.install.unreachable', message: /127\.0\.0\.1:1/ });
});

test('a folder that was left unfinished does not count, and is replaced', async (t) => {
  const { folder, ...options } = places(t);
  mkdirSync(folder, { recursive: true });
  for (const name of [...coreFiles, ...providerFiles]) writeFileSync(join(folder, name), 'cut off');
  assert.equal(isInstalled(folder), false);
  await installCuda(await findCudaPackage(await serve(t)), options);
  assert.ok(isInstalled(folder));
});

test('the package is of the version of ONNX Runtime that is shipped, over HTTPS', () => {
  for (const url of Object.values(nuget)) {
    assert.match(url, /^https:\/\/api\.nuget\.org\/.*microsoft\.ml\.onnxruntime\.gpu\.linux/);
    assert.ok(url.includes(ortVersion), url);
  }
});
