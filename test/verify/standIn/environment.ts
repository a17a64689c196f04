import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { coreFiles, ortFolderVariable, providerFiles, shippedOrtFolder } from '../../../src/engine/cudaFolders';
import { buildStandIn } from './libraries';

/**
 * What processes get on a machine without a GPU: the stand-in for CUDA's libraries, the provider beside ONNX Runtime, and
 * sessions that run on the CPU.
 * @param parts `entry`: the engine's bundle; `provider`: the folder of the provider's two files; `folder`: where all of it goes
 */
export function standInEnvironment(parts: { entry: string; provider: string; folder: string }): NodeJS.ProcessEnv {
  const { entry, provider, folder } = parts;
  const [libraries, ort] = [join(folder, 'standIn'), join(folder, 'ort')];
  for (const created of [libraries, ort]) mkdirSync(created, { recursive: true });
  const shipped = shippedOrtFolder(entry);
  for (const name of coreFiles) copyFileSync(join(shipped, name), join(ort, name));
  for (const name of providerFiles) copyFileSync(join(provider, name), join(ort, name));
  buildStandIn(join(ort, providerFiles[1]), libraries);
  return {
    ...process.env,
    LD_LIBRARY_PATH: libraries,
    [ortFolderVariable]: ort,
    NODE_OPTIONS: `--require ${join(__dirname, 'binding.cjs')}`,
  };
}
