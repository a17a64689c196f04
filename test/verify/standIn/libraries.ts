import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GradstepError } from '../../../src/common/errors';

/** The libraries that are written, by what ONNX Runtime's CUDA provider calls them, and how it says what it needs of each. */
const libraries: Readonly<Record<string, (provider: Provider) => readonly string[]>> = {
  'libcudart.so.13': ({ needed }) => versioned(needed, 'libcudart.so.13'),
  'libcublas.so.13': ({ needed }) => versioned(needed, 'libcublas.so.13'),
  'libcublasLt.so.13': ({ needed }) => versioned(needed, 'libcublasLt.so.13'),
  'libcurand.so.10': ({ needed }) => versioned(needed, 'libcurand.so.10'),
  // The driver's symbols have no versions.
  'libcuda.so.1': ({ needed }) => needed.filter((symbol) => /^cu[A-Z]\w+$/.test(symbol)),
  // cuDNN is opened while the program runs: the names of its functions are texts in the file.
  'libcudnn.so.9': ({ file }) => texts(file, /\0(cudnn[A-Z]\w+)(?=\0)/g),
};

interface Provider {
  file: string;
  /** Its undefined symbols: `cudaMalloc@libcudart.so.13`. */
  needed: readonly string[];
}

function versioned(symbols: readonly string[], library: string): readonly string[] {
  return symbols.filter((symbol) => symbol.endsWith(`@${library}`)).map((symbol) => symbol.split('@')[0]!);
}

function texts(file: string, pattern: RegExp): readonly string[] {
  const text = readFileSync(file).toString('latin1');
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))];
}

/**
 * Compiles the stand-in for CUDA's libraries into a folder, with everything that the provider needs of them.
 * @param provider `libonnxruntime_providers_cuda.so`
 * @throws GradstepError `verify.compiler` without gcc and nm, or where they fail
 */
export function buildStandIn(provider: string, folder: string): void {
  const listing = output('nm', ['-D', '--undefined-only', provider]);
  const needed = listing.split('\n').map((line) => line.trim().split(/\s+/).at(-1) ?? '');
  const source = join('test', 'verify', 'standIn', 'cuda.c');
  const own = readFileSync(source, 'utf8');
  for (const [library, symbolsOf] of Object.entries(libraries)) {
    const symbols = symbolsOf({ file: provider, needed });
    const stubs = symbols.filter((symbol) => !new RegExp(`\\b${symbol}\\(`).test(own));
    const [stubFile, mapFile] = [join(folder, 'stubs.c'), join(folder, 'versions.map')];
    writeFileSync(stubFile, stubs.map((symbol) => `int ${symbol}(void) { return 0; }\n`).join(''));
    writeFileSync(mapFile, `${library} { global: ${['nothing', ...symbols].join('; ')}; local: *; };\n`);
    const flags = ['-shared', '-fPIC', '-w', `-Wl,-soname,${library}`, `-Wl,--version-script=${mapFile}`];
    output('gcc', [...flags, '-o', join(folder, library), source, stubFile]);
  }
}

function output(command: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status === 0) return stdout;
  throw new GradstepError(`${command} ${words.join(' ')}: ${error?.message ?? stderr}`, {
    code: 'verify.compiler',
    hint: 'Install gcc and binutils.',
  });
}
