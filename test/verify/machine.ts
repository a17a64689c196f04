import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { cudaText, ortVersion } from '../../src/common/cudaProblem';
import { english } from '../../src/common/translator';
import { checkCuda, cudaProcess } from '../../src/engine/cudaCheck';
import { providerFiles, shippedOrtFolder } from '../../src/engine/cudaFolders';

export interface MachineReport {
  lines: string[];
  /** What the engine's process gets so that it finds CUDA. */
  environment: NodeJS.ProcessEnv;
  /** CUDA can be used. */
  works: boolean;
}

function output(command: string, words: readonly string[], environment = process.env): string | null {
  const { status, stdout } = spawnSync(command, words, { encoding: 'utf8', env: environment });
  return status === 0 ? stdout.trim() : null;
}

/**
 * The driver, the GPUs, the provider's files, and where each library that they need was found.
 * @param store the extension's folder for its own data, for a provider that was installed there
 * @param given what processes get otherwise
 */
export async function machineReport(
  entry: string,
  store: string | null,
  given: NodeJS.ProcessEnv,
): Promise<MachineReport> {
  const { ortFolder, environment } = cudaProcess({
    entry,
    store,
    environment: given,
    scriptFolder: process.cwd(),
    given: [],
  });
  const gpus = output('nvidia-smi', [
    '--query-gpu=name,driver_version,compute_cap,memory.total',
    '--format=csv,noheader',
  ]);
  const folder = ortFolder ?? shippedOrtFolder(entry);
  const lines = [
    `machine    ${cpus()[0]?.model ?? 'unknown processor'}, ${process.platform}-${process.arch}, Node ${process.version}`,
    `GPU        ${gpus?.replaceAll('\n', '; ') ?? 'nvidia-smi: not found, or it has no GPU'}`,
    `ONNX       ONNX Runtime ${ortVersion} in ${folder}`,
    ...providerFiles.map((name) => `provider   ${name}: ${sizeOf(join(folder, name))}`),
    `libraries  LD_LIBRARY_PATH=${environment['LD_LIBRARY_PATH'] ?? ''}`,
    ...neededLibraries(join(folder, providerFiles[1]), environment),
  ];
  const problem = await checkCuda({ entry, environment });
  if (problem === null) lines.push('CUDA       works: a convolution ran on it');
  else {
    const { what, todo } = cudaText(problem, english);
    lines.push(`CUDA       can't be used: ${what}`, `           ${todo}`);
  }
  return { lines, environment, works: problem === null };
}

function sizeOf(file: string): string {
  return existsSync(file) ? `${(statSync(file).size / 1e6).toFixed(1)} MB` : 'missing';
}

/** What the loader makes of a library's needs: CUDA's own, found or not. */
function neededLibraries(provider: string, environment: NodeJS.ProcessEnv): string[] {
  const listing = existsSync(provider) ? output('ldd', [provider], environment) : null;
  const needs = (listing ?? '').split('\n').filter((line) => /lib(?:cu|nv)\w+\.so/.test(line));
  return needs.map((line) => `           ${line.trim().replace(/ \(0x[0-9a-f]+\)$/, '')}`);
}
