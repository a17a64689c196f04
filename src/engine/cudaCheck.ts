import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { CudaProblem } from '../common/cudaProblem';
import { cudaOrtFolder, ortFolderVariable } from './cudaFolders';
import { cudaEnvironment } from './cudaLibraries';

/** What the probe's process sends: ONNX Runtime's words about why it can't use CUDA, null when it can. */
export interface ProbeReport {
  problem: string | null;
}

export interface CudaCheck {
  /** The engine's bundle; the probe's lies beside it. */
  entry: string;
  /** As the engine's process will have it, with LD_LIBRARY_PATH and the folder of ONNX Runtime. */
  environment: NodeJS.ProcessEnv;
  /** Gives the check up; it ends at once, with any problem. */
  signal?: AbortSignal;
  /** Milliseconds that the probe may take: the first use of a GPU loads more than a gigabyte of libraries. */
  timeout?: number;
}

/** What a process that may use CUDA is started with. */
export interface CudaProcess {
  /** The folder of ONNX Runtime with its CUDA provider; null where there is none. */
  ortFolder: string | null;
  environment: NodeJS.ProcessEnv;
}

/** @param parts `environment`: what a process gets otherwise; `store`: the extension's folder for its own data */
export function cudaProcess(parts: {
  entry: string;
  store: string | null;
  environment: NodeJS.ProcessEnv;
  scriptFolder: string | null;
  given: readonly string[];
}): CudaProcess {
  const { entry, store, environment } = parts;
  const ortFolder = cudaOrtFolder(environment, entry, store);
  const folders = cudaEnvironment({ ...parts, home: homedir() });
  return {
    ortFolder,
    environment: { ...environment, ...folders, ...(ortFolder !== null && { [ortFolderVariable]: ortFolder }) },
  };
}

const stderrKept = 20_000;
const usualTimeout = 120_000;

/** Where CUDA worked once it is not tried again, for the life of this process. */
const proven = new Set<string>();

/**
 * Why CUDA can't be used; null when it can. A process of its own tries it: what is missing stands on the native stderr
 * and nowhere else, and a provider of another version takes the process down with it.
 */
export async function checkCuda(check: CudaCheck): Promise<CudaProblem | null> {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') return { kind: 'platform', platform };
  const { entry, environment } = check;
  const key = [entry, environment[ortFolderVariable], environment['LD_LIBRARY_PATH']].join('\n');
  if (proven.has(key)) return null;
  const problem = await runProbe(check);
  if (problem === null) proven.add(key);
  return problem;
}

function runProbe({ entry, environment, signal, timeout = usualTimeout }: CudaCheck): Promise<CudaProblem | null> {
  return new Promise((resolve) => {
    const child = fork(join(dirname(entry), 'cudaProbeMain.cjs'), [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: environment,
    });
    let report: ProbeReport | null = null;
    let stderr = '';
    let late = false;
    const kill = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, timeout);
    if (signal?.aborted) kill();
    signal?.addEventListener('abort', kill);
    child.on('message', (message) => (report = message as ProbeReport));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-stderrKept)));
    child.on('error', (error) => (stderr += error.message));
    // Not `exit`: stderr may still hold the words that matter.
    child.on('close', (code, killedBy) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      if (late) resolve({ kind: 'silent', seconds: timeout / 1000 });
      else resolve(readProblem(report, stderr, killedBy ?? String(code)));
    });
  });
}

/**
 * What the probe's outcome means.
 * @param report null when the process ended without one
 * @param ended the exit code or the signal
 */
export function readProblem(report: ProbeReport | null, stderr: string, ended: string): CudaProblem | null {
  if (report?.problem === null) return null;
  const library = libraryProblem(stderr);
  if (library) return library;
  const words = report?.problem ?? lastLine(stderr);
  const refusal = /CUDA (?:failure|error) (\d+): ([^;\n]+?)\s*(?:;|\n|$)/.exec(`${words}\n${stderr}`);
  if (refusal) return { kind: 'refused', failure: Number(refusal[1]), words: refusal[2]! };
  return report ? { kind: 'other', words } : { kind: 'crashed', how: ended, words };
}

/** The loader's words about a library; cuDNN loads parts of itself later, and has words of its own. */
function libraryProblem(stderr: string): CudaProblem | null {
  const words = /Failed to (?:load library|get symbol) \S+ with error: ([^\n]+)/.exec(stderr)?.[1];
  const loader = words === undefined ? null : /^(\S+?): (.+)$/.exec(words.trim());
  if (loader) {
    const library = basename(loader[1]!);
    if (loader[2]!.startsWith('cannot open shared object file')) return { kind: 'missing', library };
    return { kind: 'unusable', library, words: loader[2]! };
  }
  const lazily = /Could not load library (lib\S+?\.so[.\d]*?)\.?\s|Unable to load any of \{(lib[^,}\s]+)/.exec(stderr);
  const name = lazily?.[1] ?? lazily?.[2];
  return name === undefined ? null : { kind: 'missing', library: name };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!.trim();
}

const nvidiaFiles = [
  '/proc/driver/nvidia/version',
  '/dev/nvidiactl',
  // Windows' driver, inside the Windows Subsystem for Linux.
  '/usr/lib/wsl/lib/libcuda.so.1',
];

/**
 * Whether somebody may expect CUDA here: the provider was found, or there are signs of an NVIDIA driver. Where nothing
 * speaks for it, `auto` means the CPU without a word.
 * @param files what the driver leaves in the file system; tests have their own
 */
export function maySupportCuda(
  environment: NodeJS.ProcessEnv,
  ortFolder: string | null,
  files: readonly string[] = nvidiaFiles,
): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  const folders = (environment['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return ortFolder !== null || [...files, ...folders.map((folder) => join(folder, 'nvidia-smi'))].some(existsSync);
}
