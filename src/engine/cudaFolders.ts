import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ortVersion } from '../common/cudaProblem';

/** ONNX Runtime opens these by absolute path, beside its own library. */
export const providerFiles = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;

/** What a folder with all of ONNX Runtime must have besides. */
export const coreFiles = ['onnxruntime_binding.node', 'libonnxruntime.so.1'] as const;

/** Written last into an installed folder: without it the folder counts as unfinished. */
export const installedFileName = 'installed.json';

export interface InstalledFile {
  onnxruntime: string;
  /** Bytes of each file. */
  sizes: Record<string, number>;
}

/** Set for the engine's process: the folder that it loads `onnxruntime_binding.node` from. */
export const ortFolderVariable = 'GRADSTEP_ORT_FOLDER';

/** ONNX Runtime as it was shipped, or installed from npm. `entry` is the engine's bundle, `dist/engine/main.cjs`. */
export function shippedOrtFolder(entry: string): string {
  const dist = dirname(dirname(entry));
  const packaged = join(dist, 'ort');
  if (existsSync(packaged)) return packaged;
  const { platform, arch } = process;
  return join(dirname(dist), 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', platform, arch);
}

/** Where `Install CUDA Provider…` puts ONNX Runtime with its provider. An update of the extension leaves it alone. */
export function installedOrtFolder(store: string): string {
  return join(store, 'onnxruntime', `${ortVersion}-linux-x64`);
}

/** Whether a folder was installed completely, and for this version of ONNX Runtime. */
export function isInstalled(folder: string): boolean {
  let installed: Partial<InstalledFile>;
  try {
    installed = JSON.parse(readFileSync(join(folder, installedFileName), 'utf8')) as Partial<InstalledFile>;
  } catch {
    return false;
  }
  const { onnxruntime, sizes = {} } = installed;
  return (
    onnxruntime === ortVersion &&
    [...coreFiles, ...providerFiles].every(
      (name) =>
        sizes[name] !== undefined && sizes[name] === statSync(join(folder, name), { throwIfNoEntry: false })?.size,
    )
  );
}

export function hasProvider(folder: string): boolean {
  return providerFiles.every((name) => existsSync(join(folder, name)));
}

/**
 * The folder that ONNX Runtime with CUDA is loaded from: the one that the environment names, else the shipped one where
 * the provider lies in it, else the installed one. Null where there is no provider.
 * @param store the extension's folder for its own data; null where there is none
 */
export function cudaOrtFolder(environment: NodeJS.ProcessEnv, entry: string, store: string | null): string | null {
  const given = environment[ortFolderVariable];
  if (given) return given;
  const shipped = shippedOrtFolder(entry);
  if (hasProvider(shipped)) return shipped;
  const installed = store === null ? null : installedOrtFolder(store);
  return installed !== null && isInstalled(installed) ? installed : null;
}
