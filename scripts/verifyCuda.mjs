/**
 * `npm run verify:cuda [-- --store FOLDER]`: checks CUDA on a machine with an NVIDIA GPU and prints one report: what is
 * there, whether the numbers are PyTorch's, where every graph runs, and how fast. Exit code 1 where CUDA can't be used,
 * a number is wrong or a node stays on the CPU. `--store` is the extension's data folder, for a provider that was
 * installed from VS Code; `--built` takes the engine as it was built last. `--stand-in FOLDER` needs no GPU: FOLDER has
 * the provider's two files, which say of every node whether they have a kernel for it; nothing is computed on CUDA.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './tools.mjs';

if (!existsSync(join(root, 'node_modules', 'onnxruntime-node'))) run('npm', ['ci', '--ignore-scripts']);

const { build } = await import('esbuild');
const { buildEngine } = await import('./build.mjs');
const { nodeBundle } = await import('./bundles.mjs');
const { nativeLibraryPlugin } = await import('./nativeLibraries.mjs');

if (!process.argv.includes('--built')) await buildEngine();
const outdir = join(root, 'out', 'verify');
const entryPoints = ['verifyCuda', 'operators', 'standIn/binding'].map((name) =>
  join(root, 'test', 'verify', `${name}.ts`),
);
await build({
  ...nodeBundle,
  entryPoints,
  entryNames: '[name]',
  outdir,
  external: ['esbuild'],
  plugins: [nativeLibraryPlugin('npm')],
});
const result = spawnSync(process.execPath, [join(outdir, 'verifyCuda.cjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
});
process.exit(result.status ?? 1);
