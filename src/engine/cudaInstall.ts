import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { ortVersion } from '../common/cudaProblem';
import { GradstepError } from '../common/errors';
import type { RemoteFile } from '../data/archives';
import { downloadFile, type DownloadOptions } from '../data/download';
import { extractZipEntry, readZipDirectory } from '../data/zip';
import { coreFiles, installedFileName, installedOrtFolder, providerFiles, type InstalledFile } from './cudaFolders';

const packageId = 'microsoft.ml.onnxruntime.gpu.linux';

/**
 * Where the package and its checksum are, the addresses of https://learn.microsoft.com/nuget/api/overview; the package
 * is the one that onnxruntime-node's own installer takes its files from.
 */
export interface CudaSource {
  /** A leaf of the registration: it names the catalog's entry, and that one has the package's size and SHA-512. */
  registration: string;
  content: string;
}

export const nuget: CudaSource = {
  registration: `https://api.nuget.org/v3/registration5-gz-semver2/${packageId}/${ortVersion}.json`,
  content: `https://api.nuget.org/v3-flatcontainer/${packageId}/${ortVersion}/${packageId}.${ortVersion}.nupkg`,
};

/** In the package, the folder of the files that are wanted. */
const nativeFolder = 'runtimes/linux-x64/native';
/** Until a server must have answered, in milliseconds. */
const answerTimeout = 20_000;

export interface CudaPackage {
  file: RemoteFile;
  bytes: number;
}

/** Asks for the size and the checksum, before anything is downloaded. @throws GradstepError `cuda.install.*` */
export async function findCudaPackage(source: CudaSource = nuget, signal?: AbortSignal): Promise<CudaPackage> {
  const leaf = await readJson(source.registration, signal);
  const entryUrl = leaf['catalogEntry'];
  if (typeof entryUrl !== 'string' || !URL.canParse(entryUrl)) throw oddAnswer(source.registration, 'catalogEntry');
  const { protocol } = new URL(source.registration);
  // The checksum is worth as much as the connection that it came over.
  if (new URL(entryUrl).protocol !== protocol) throw oddAnswer(source.registration, 'catalogEntry');
  const { packageHash, packageHashAlgorithm, packageSize } = await readJson(entryUrl, signal);
  if (packageHashAlgorithm !== 'SHA512' || typeof packageHash !== 'string') throw oddAnswer(entryUrl, 'packageHash');
  if (typeof packageSize !== 'number') throw oddAnswer(entryUrl, 'packageSize');
  const hex = Buffer.from(packageHash, 'base64').toString('hex');
  const name = posix.basename(new URL(source.content).pathname);
  const file: RemoteFile = { url: source.content, name, checksum: { algorithm: 'sha512', hex }, kind: 'keep' };
  return { file, bytes: packageSize };
}

async function readJson(url: string, outer: AbortSignal | undefined): Promise<Record<string, unknown>> {
  const signal = AbortSignal.any([AbortSignal.timeout(answerTimeout), ...(outer ? [outer] : [])]);
  let response: Response;
  try {
    response = await fetch(url, { signal });
    if (response.ok) return (await response.json()) as Record<string, unknown>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw installError('unreachable', `${url} can't be read: ${reason}.`, 'Check the network connection.', cause);
  }
  await response.body?.cancel();
  throw installError(
    'refused',
    `${url}: the server answered ${`${response.status} ${response.statusText}`.trim()}.`,
    `Put the files of the NuGet package ${packageId} ${ortVersion} beside ONNX Runtime by hand.`,
  );
}

function oddAnswer(url: string, field: string): GradstepError {
  return installError('answer', `${url}: the answer has no usable ${field}.`, 'Try again later.');
}

export interface InstallOptions extends Pick<DownloadOptions, 'onProgress' | 'signal' | 'connectTimeout'> {
  /** The extension's folder for its own data. */
  store: string;
  /** The folder of ONNX Runtime as it was shipped: its files are copied beside the provider's. */
  shipped: string;
}

/**
 * Puts ONNX Runtime and the CUDA provider of the package into one folder below the store, which is there completely or
 * not at all. A cancelled or interrupted download goes on at the next time. What was installed for other versions is
 * deleted. Returns the folder. @throws GradstepError `data.download.*`, `data.zip`, `cuda.install.*`
 */
export async function installCuda({ file }: CudaPackage, options: InstallOptions): Promise<string> {
  const { store, shipped, signal } = options;
  const folder = installedOrtFolder(store);
  const archive = join(dirname(folder), file.name);
  const unfinished = `${folder}.unfinished`;
  await downloadFile(file, archive, { connectTimeout: answerTimeout, ...options });
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await extractProvider(archive, unfinished, signal);
    for (const name of coreFiles) await copyFile(join(shipped, name), join(unfinished, name));
    await writeFile(
      join(unfinished, installedFileName),
      JSON.stringify(await describeFolder(unfinished), undefined, 2),
    );
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(archive, { force: true });
  }
  for (const name of await readdir(dirname(folder))) {
    if (name !== basename(folder)) await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
  return folder;
}

async function extractProvider(archive: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const entries = await readZipDirectory(archive);
  for (const name of providerFiles) {
    const path = `${nativeFolder}/${name}`;
    const entry = entries.find((candidate) => candidate.name === path);
    if (!entry) throw installError('package', `${archive} has no ${path}.`, 'Try again later.');
    await extractZipEntry(archive, entry, join(folder, name), signal);
  }
}

async function describeFolder(folder: string): Promise<InstalledFile> {
  const sizes: Record<string, number> = {};
  for (const name of [...coreFiles, ...providerFiles]) sizes[name] = (await stat(join(folder, name))).size;
  return { onnxruntime: ortVersion, sizes };
}

function installError(code: string, message: string, hint: string, cause?: unknown): GradstepError {
  return new GradstepError(message, { code: `cuda.install.${code}`, hint, cause });
}
