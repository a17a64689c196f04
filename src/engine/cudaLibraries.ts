import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where to look; everything but the environment has the system's own values in use. */
export interface LibrarySearch {
  environment: Readonly<NodeJS.ProcessEnv>;
  /** The script's folder: a virtual environment beside it, or above it, comes first. */
  scriptFolder: string | null;
  home: string;
  /** Folders that the person has set; they come before all others. */
  given?: readonly string[];
  /** Installations that stand on no PATH. */
  systemPrefixes?: readonly string[];
}

const virtualEnvironmentNames = ['.venv', 'venv', 'env'];
const parentsLookedAt = 3;

/**
 * The folders with CUDA's libraries that Python's packages brought, `nvidia/<package>/lib` and `torch/lib`: of the first
 * Python that has any. A user of PyTorch with CUDA has them, and ONNX Runtime needs the same ones.
 */
export function cudaLibraryFolders(search: LibrarySearch): string[] {
  for (const prefix of new Set(pythonPrefixes(search))) {
    for (const packages of packageFolders(prefix)) {
      const nvidia = subfolders(join(packages, 'nvidia'))
        .map((folder) => join(folder, 'lib'))
        .filter(hasSharedLibraries);
      if (nvidia.length === 0) continue;
      const torch = join(packages, 'torch', 'lib');
      return hasSharedLibraries(torch) ? [...nvidia, torch] : nvidia;
    }
  }
  return [];
}

/** The folders of a setting: a list, or one text as in LD_LIBRARY_PATH. */
export function givenFolders(value: unknown): string[] {
  const texts = Array.isArray(value) ? value : typeof value === 'string' ? value.split(':') : [];
  return texts.flatMap((text: unknown) => (typeof text === 'string' && text.trim() !== '' ? [text.trim()] : []));
}

/** What the child's environment needs on top of its parent's; it is read when a process starts, and never again. */
export function cudaEnvironment(search: LibrarySearch): NodeJS.ProcessEnv {
  const system = search.environment['LD_LIBRARY_PATH'];
  const given = search.given ?? [];
  const found = cudaLibraryFolders(search);
  if (given.length + found.length === 0) return {};
  return { LD_LIBRARY_PATH: [...given, ...(system ? [system] : []), ...found].join(':') };
}

function* pythonPrefixes({
  environment,
  scriptFolder,
  home,
  systemPrefixes = ['/usr/local', '/usr'],
}: LibrarySearch): Generator<string> {
  if (environment['VIRTUAL_ENV']) yield environment['VIRTUAL_ENV'];
  let folder = scriptFolder;
  for (let level = 0; folder !== null && level <= parentsLookedAt; level++) {
    for (const name of virtualEnvironmentNames) yield join(folder, name);
    folder = dirname(folder) === folder ? null : dirname(folder);
  }
  if (environment['CONDA_PREFIX']) yield environment['CONDA_PREFIX'];
  for (const entry of (environment['PATH'] ?? '').split(delimiter)) {
    const hasPython = entry !== '' && (existsSync(join(entry, 'python3')) || existsSync(join(entry, 'python')));
    if (hasPython) yield dirname(entry);
  }
  yield join(home, '.local');
  yield* systemPrefixes;
}

function packageFolders(prefix: string): string[] {
  return ['lib', 'lib64'].flatMap((name) =>
    subfolders(join(prefix, name))
      .filter((folder) => /[/\\]python3(\.\d+)?$/.test(folder))
      .flatMap((folder) => [join(folder, 'site-packages'), join(folder, 'dist-packages')]),
  );
}

function hasSharedLibraries(folder: string): boolean {
  return entriesOf(folder).some((name) => /\.so(\.|$)/.test(name));
}

function subfolders(folder: string): string[] {
  return entriesOf(folder).map((name) => join(folder, name));
}

/** The names in a folder, in order; none when it isn't there or can't be read. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
