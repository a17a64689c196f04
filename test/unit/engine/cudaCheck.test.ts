import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { cudaText, ortVersion, type CudaProblem } from '../../../src/common/cudaProblem';
import { english } from '../../../src/common/translator';
import { EngineClient } from '../../../src/engine/client';
import { PanelSession } from '../../../src/panel/panelSession';
import { DebugDriver } from '../../support/debugDriver';
import { checkCuda, maySupportCuda, readProblem } from '../../../src/engine/cudaCheck';
import {
  coreFiles,
  cudaOrtFolder,
  installedFileName,
  installedOrtFolder,
  isInstalled,
  ortFolderVariable,
  providerFiles,
  shippedOrtFolder,
} from '../../../src/engine/cudaFolders';
import { projectFolder, scriptOptions, smallTraining } from './engineHarness';

const entry = join(projectFolder, 'dist', 'engine', 'main.cjs');
const [sharedName, cudaName] = providerFiles;
/** CUDA is for linux-x64 alone, and the stand-ins need a compiler. */
const elsewhere = (process.platform !== 'linux' || process.arch !== 'x64') && 'not linux-x64';
const noCompiler = elsewhere || (spawnSync('gcc', ['--version']).status !== 0 && 'there is no gcc');

function temporary(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gradstep-cuda-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** ONNX Runtime in a folder of its own, to which stand-ins for a provider may be added. */
function copyOfOrt(context: TestContext): string {
  const folder = temporary(context);
  cpSync(shippedOrtFolder(entry), folder, { recursive: true, dereference: true });
  return folder;
}

/** Builds a shared library of one C function; `needs` are libraries that it is linked with. */
function buildLibrary(file: string, source: string, ...flags: string[]): void {
  writeFileSync(`${file}.c`, source);
  const result = spawnSync('gcc', ['-shared', '-fPIC', '-o', file, `${file}.c`, ...flags], { encoding: 'utf8' });
  assert.equal(result.status, 0, result.stderr);
}

/** A provider that loads only where `library` does; returns the folder that has it. */
function buildProvider(folder: string, library: string): string {
  const libraries = join(folder, 'libraries');
  mkdirSync(libraries);
  buildLibrary(join(folder, sharedName), 'void Provider_SetHost(void *host) { (void)host; }');
  buildLibrary(join(libraries, library), 'int needed(void) { return 1; }', `-Wl,-soname,${library}`);
  buildLibrary(
    join(folder, cudaName),
    'int needed(void); int use(void) { return needed(); }',
    join(libraries, library),
  );
  return libraries;
}

function check(folder: string, change: NodeJS.ProcessEnv = {}): Promise<CudaProblem | null> {
  const { LD_LIBRARY_PATH: _, ...environment } = process.env;
  return checkCuda({ entry, environment: { ...environment, [ortFolderVariable]: folder, ...change } });
}

describe('what is wrong with CUDA', { skip: elsewhere }, () => {
  test('a provider that is not there', async (context) => {
    assert.deepEqual(await check(copyOfOrt(context)), { kind: 'missing', library: sharedName });
  });

  test('a provider that is no library', async (context) => {
    const folder = copyOfOrt(context);
    for (const name of providerFiles) writeFileSync(join(folder, name), 'cut off');
    assert.deepEqual(await check(folder), { kind: 'unusable', library: sharedName, words: 'file too short' });
  });

  test('a provider without its second half', { skip: noCompiler }, async (context) => {
    const folder = copyOfOrt(context);
    buildProvider(folder, 'libcublasLt.so.13');
    rmSync(join(folder, cudaName));
    assert.deepEqual(await check(folder), { kind: 'missing', library: cudaName });
  });

  for (const library of ['libcublasLt.so.13', 'libcudnn.so.9', 'libcuda.so.1']) {
    test(`${library} is missing; LD_LIBRARY_PATH finds it`, { skip: noCompiler }, async (context) => {
      const folder = copyOfOrt(context);
      const libraries = buildProvider(folder, library);
      // On a machine that has the library the stand-in gets further, to where it is no provider.
      const problem = await check(folder);
      if (problem?.kind === 'missing') assert.deepEqual(problem, { kind: 'missing', library });
      else assert.equal(problem?.kind, 'unusable');
      assert.deepEqual(await check(folder, { LD_LIBRARY_PATH: libraries }), {
        kind: 'unusable',
        library: cudaName,
        words: 'undefined symbol: GetProvider',
      });
    });
  }

  test('a provider that takes its process down', { skip: noCompiler }, async (context) => {
    const folder = copyOfOrt(context);
    buildProvider(folder, 'libcublasLt.so.13');
    buildLibrary(join(folder, cudaName), 'void *GetProvider(void) { return *(void **)8; }');
    const problem = await check(folder);
    assert.equal(problem?.kind, 'crashed');
    assert.equal(problem.how, 'SIGSEGV');
  });

  test('a check that is given up or takes too long ends', { skip: noCompiler }, async (context) => {
    const folder = copyOfOrt(context);
    buildProvider(folder, 'libcublasLt.so.13');
    buildLibrary(join(folder, cudaName), '#include <unistd.h>\nvoid *GetProvider(void) { pause(); return 0; }');
    const environment = { ...process.env, [ortFolderVariable]: folder };
    assert.deepEqual(await checkCuda({ entry, environment, timeout: 500 }), { kind: 'silent', seconds: 0.5 });
    const aborting = new AbortController();
    const given = checkCuda({ entry, environment, signal: aborting.signal });
    setTimeout(() => aborting.abort(), 100);
    assert.equal((await given)?.kind, 'crashed');
  });
});

test('what CUDA and cuDNN say is read, from the error and from stderr', () => {
  const words =
    'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; hostname=host';
  const insufficient = 'CUDA driver version is insufficient for CUDA runtime version';
  assert.deepEqual(readProblem({ problem: words }, '', '0'), { kind: 'refused', failure: 35, words: insufficient });
  assert.deepEqual(
    readProblem(null, 'Could not load library libcudnn_cnn.so.9. Error: libcudnn_cnn.so.9: cannot', '6'),
    {
      kind: 'missing',
      library: 'libcudnn_cnn.so.9',
    },
  );
  const several = 'Unable to load any of {libcudnn_graph.so.9.1.0, libcudnn_graph.so.9.1, libcudnn_graph.so.9}';
  assert.deepEqual(readProblem(null, several, 'SIGABRT'), { kind: 'missing', library: 'libcudnn_graph.so.9.1.0' });
  assert.deepEqual(readProblem({ problem: 'odd' }, '', '0'), { kind: 'other', words: 'odd' });
  assert.deepEqual(readProblem(null, 'one\ntwo\n', '134'), { kind: 'crashed', how: '134', words: 'two' });
  assert.equal(readProblem({ problem: null }, 'a warning', '0'), null);
});

test('each library has what it belongs to, in its version, and what to do', () => {
  const rows: [library: string, what: RegExp, todo: RegExp][] = [
    [sharedName, /CUDA provider 1\.30\.0/, /Install CUDA Provider/],
    [cudaName, /CUDA provider 1\.30\.0/, /Install CUDA Provider/],
    ['libcublasLt.so.13', /belongs to CUDA 13\./, /CUDA 13 toolkit, or PyTorch with CUDA 13/],
    ['libcublas.so.12', /belongs to CUDA 12\./, /CUDA 12 toolkit/],
    ['libcudart.so.13', /belongs to CUDA 13\./, /gradstep\.cudaLibraryPath/],
    ['libnvrtc.so.13', /belongs to CUDA 13\./, /CUDA 13 toolkit/],
    ['libcufft.so.12', /belongs to CUDA 13\./, /CUDA 13 toolkit/],
    ['libcufft.so.11', /belongs to CUDA 12\./, /CUDA 12 toolkit/],
    ['libcurand.so.10', /belongs to the CUDA toolkit\./, /Install the CUDA toolkit/],
    ['libcudnn.so.9', /belongs to cuDNN 9\./, /Install cuDNN 9/],
    ['libcudnn_graph.so.9.1.0', /belongs to cuDNN 9\./, /Install cuDNN 9/],
    ['libcuda.so.1', /belongs to the NVIDIA driver\./, /nvidia-smi/],
    ['libstdc++.so.6', /a library of the system/, /system's packages/],
  ];
  for (const [library, what, todo] of rows) {
    const text = cudaText({ kind: 'missing', library }, english);
    assert.ok(text.what.startsWith(`${library} was not found`), text.what);
    assert.match(text.what, what);
    assert.match(text.todo, todo);
  }
  const kinds: CudaProblem[] = [
    { kind: 'platform', platform: 'darwin-arm64' },
    { kind: 'unusable', library: cudaName, words: 'file too short' },
    { kind: 'refused', failure: 100, words: 'no CUDA-capable device is detected' },
    { kind: 'refused', failure: 999, words: 'unknown error' },
    { kind: 'crashed', how: 'SIGSEGV', words: '' },
    { kind: 'silent', seconds: 120 },
    { kind: 'other', words: 'odd' },
  ];
  for (const problem of kinds) {
    const { what, todo } = cudaText(problem, english);
    assert.ok(what.length > 2 && todo.length > 20, problem.kind);
    assert.doesNotMatch(`${what} ${todo}`, /undefined|\{\d\}/, problem.kind);
  }
});

describe('an engine where CUDA does not work', { skip: elsewhere }, () => {
  const broken = (context: TestContext): EngineClient => {
    const folder = copyOfOrt(context);
    for (const name of providerFiles) writeFileSync(join(folder, name), 'cut off');
    const client = new EngineClient({ entry, environment: { [ortFolderVariable]: folder } });
    context.after(() => client.dispose());
    return client;
  };

  test('a start on cuda fails and says what to do; nothing ran', async (context) => {
    const client = broken(context);
    await assert.rejects(client.start(scriptOptions(smallTraining, { device: 'cuda' })), {
      code: 'engine.noCuda',
      message: `CUDA can't be used: ${sharedName} can't be loaded: file too short.`,
      hint: `Install it again, in the version that ONNX Runtime ${ortVersion} needs.`,
    });
    assert.equal(client.state, null);
    assert.equal(client.pid, undefined);
  });

  test('auto runs on the CPU and says why, once', async (context) => {
    const client = broken(context);
    const notices: string[] = [];
    client.on('notice', ({ message }) => notices.push(message));
    await client.start(scriptOptions(smallTraining, { device: 'auto' }));
    await client.start(scriptOptions(smallTraining, { device: 'auto' }));
    assert.equal(client.state?.device, 'cpu');
    assert.deepEqual(client.state.onCpu, []);
    assert.equal(notices.length, 1);
    assert.match(
      notices[0]!,
      /^CUDA can't be used, so this runs on the CPU: libonnxruntime_providers_shared\.so can't/,
    );
  });

  test('a stop while CUDA is tried ends the start', async (context) => {
    const client = broken(context);
    const started = client.start(scriptOptions(smallTraining, { device: 'cuda' }));
    await client.stop();
    assert.equal((await started).reason, 'stopped');
  });
});

describe('who else starts an engine where CUDA does not work', { skip: elsewhere }, () => {
  const environmentOf = (context: TestContext): NodeJS.ProcessEnv => {
    const folder = copyOfOrt(context);
    for (const name of providerFiles) writeFileSync(join(folder, name), 'cut off');
    return { [ortFolderVariable]: folder };
  };

  test('the panel shows the error, and is ready for a restart', async (context) => {
    const environment = environmentOf(context);
    const session = new PanelSession(
      { name: 'script.py', path: join(projectFolder, 'script.py'), text: smallTraining },
      {
        createClient: () => new EngineClient({ entry, environment }),
        onChange: () => undefined,
        log: () => undefined,
        texts: { died: (how) => how, recover: 'recover' },
      },
    );
    context.after(() => session.dispose());
    await session.start({ device: 'cuda', threads: 1, dataFolder: null });
    assert.equal(session.error?.code, 'engine.noCuda');
    assert.match(session.error.message, /^CUDA can't be used: .*file too short/);
    assert.match(session.error.hint ?? '', /Install it again/);
    assert.deepEqual([session.engineStatus, session.busy, session.snapshot], ['ready', false, null]);
  });

  test('a debug session says it and ends', async (context) => {
    const environment = environmentOf(context);
    const program = join(temporary(context), 'script.py');
    writeFileSync(program, smallTraining);
    const driver = DebugDriver.open(() => new EngineClient({ entry, environment }));
    context.after(() => driver.close());
    assert.equal(await driver.launch(program, { device: 'cuda' }), null);
    assert.match(driver.output('important'), /^CUDA can't be used: .*file too short\. \(Install it again/);
  });

  test('breakpoints that were set before the start are there when auto falls back', async (context) => {
    const environment = environmentOf(context);
    const program = join(temporary(context), 'script.py');
    writeFileSync(program, smallTraining);
    const wish = scriptOptions(smallTraining, { device: 'auto', fileName: program, cudaLibraryFolders: ['/own'] });
    const driver = DebugDriver.open(() => new EngineClient({ entry, environment, wish }));
    context.after(() => driver.close());
    const rest = await driver.launch(program, { device: 'auto' }, { lines: [{ line: 14 }] });
    assert.equal(rest?.reason, 'breakpoint');
    const given = readFileSync(`/proc/${driver.engine.pid}/environ`, 'utf8').split('\0');
    assert.ok(
      given.some((entry) => entry.startsWith('LD_LIBRARY_PATH=/own')),
      'CUDA would have been in reach',
    );
  });
});

test(
  'where CUDA works the engine gets its libraries, and its graphs go to CUDA',
  { skip: elsewhere },
  async (context) => {
    const folder = temporary(context);
    cpSync(join(projectFolder, 'dist', 'engine'), join(folder, 'dist', 'engine'), { recursive: true });
    // A probe that finds CUDA, and an ONNX Runtime without it: how far the engine gets shows what it was asked for.
    writeFileSync(join(folder, 'dist', 'engine', 'cudaProbeMain.cjs'), 'process.send({ problem: null });');
    const client = new EngineClient({
      entry: join(folder, 'dist', 'engine', 'main.cjs'),
      environment: { [ortFolderVariable]: copyOfOrt(context) },
    });
    context.after(() => client.dispose());
    let deaths = 0;
    client.on('died', () => deaths++);
    await client.ping();
    const first = client.pid;
    const options = scriptOptions(smallTraining, {
      device: 'cuda',
      cudaLibraryFolders: ['/own'],
      goal: { kind: 'phase', phase: 'step' },
    });
    const report = await client.start(options);
    assert.deepEqual([report.reason, report.error?.code], ['failed', 'python.RuntimeError']);
    assert.match(report.error?.message ?? '', /OrtSessionOptionsAppendExecutionProvider_Cuda/);
    assert.equal(client.state?.device, 'cuda');
    assert.notEqual(client.pid, first, 'LD_LIBRARY_PATH is read when a process starts');
    assert.match(readFileSync(`/proc/${client.pid}/environ`, 'utf8'), /LD_LIBRARY_PATH=\/own/);
    const second = client.pid;
    await client.start(options);
    assert.equal(client.pid, second, 'the second start finds what it needs');
    assert.equal(deaths, 0);
  },
);

test('auto says nothing where nothing speaks for CUDA', { skip: elsewhere }, (context) => {
  const folder = temporary(context);
  assert.equal(maySupportCuda({ PATH: folder }, null, [join(folder, 'driver')]), false);
  assert.equal(maySupportCuda({ PATH: folder }, folder, []), true, 'a provider was installed');
  writeFileSync(join(folder, 'driver'), '');
  assert.equal(maySupportCuda({ PATH: folder }, null, [join(folder, 'driver')]), true, 'the driver is there');
  writeFileSync(join(folder, 'nvidia-smi'), '');
  assert.equal(maySupportCuda({ PATH: folder }, null, []), true, 'nvidia-smi is on the PATH');
});

test('the engine runs from another folder of ONNX Runtime', { skip: elsewhere }, async (context) => {
  const folder = copyOfOrt(context);
  const client = new EngineClient({ entry, environment: { [ortFolderVariable]: folder } });
  context.after(() => client.dispose());
  await client.start(scriptOptions(smallTraining));
  const maps = readFileSync(`/proc/${client.pid}/maps`, 'utf8');
  for (const name of coreFiles) assert.ok(maps.includes(join(folder, name)), name);
  assert.ok(!maps.includes(join(shippedOrtFolder(entry), coreFiles[1])));
});

test('ONNX Runtime with CUDA: named, beside the library, installed in the same version; in that order', (context) => {
  const root = temporary(context);
  const bundle = join(root, 'dist', 'engine', 'main.cjs');
  const shipped = join(root, 'dist', 'ort');
  const store = join(root, 'store');
  const installed = installedOrtFolder(store);
  mkdirSync(shipped, { recursive: true });
  mkdirSync(installed, { recursive: true });
  const names = [...coreFiles, ...providerFiles];
  const write = (version: string, size: number): void => {
    const sizes = Object.fromEntries(names.map((name) => [name, size]));
    writeFileSync(join(installed, installedFileName), JSON.stringify({ onnxruntime: version, sizes }));
  };
  for (const name of names) writeFileSync(join(installed, name), 'ort');
  assert.equal(isInstalled(installed), false, 'unfinished');
  write('1.29.0', 3);
  assert.equal(isInstalled(installed), false, 'of another version');
  write(ortVersion, 4);
  assert.equal(isInstalled(installed), false, 'of another size');
  assert.equal(cudaOrtFolder({}, bundle, store), null);
  write(ortVersion, 3);
  assert.equal(cudaOrtFolder({}, bundle, store), installed);
  assert.equal(cudaOrtFolder({}, bundle, null), null);
  for (const name of providerFiles) writeFileSync(join(shipped, name), '');
  assert.equal(cudaOrtFolder({}, bundle, store), shipped);
  assert.equal(cudaOrtFolder({ [ortFolderVariable]: '/own' }, bundle, store), '/own');
});

test('the provider’s version is the one of the library', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  assert.equal(dependencies['onnxruntime-node'], ortVersion);
});
