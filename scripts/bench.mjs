/**
 * `npm run bench [-- panel | debug]`: builds what is measured and measures it: the engine, the panel in a workbench, or
 * what debugging costs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './tools.mjs';

if (!existsSync(join(root, 'node_modules', 'onnxruntime-node'))) run('npm', ['ci', '--ignore-scripts']);

if (process.argv[2] === 'panel') {
  const { runPanelBench } = await import('./integration.mjs');
  process.exit(await runPanelBench());
}

const { build } = await import('esbuild');
const { buildEngine } = await import('./build.mjs');
const { nodeBundle } = await import('./bundles.mjs');

const name = process.argv[2] === 'debug' ? 'debugBench' : 'bench';
await buildEngine();
await build({
  ...nodeBundle,
  entryPoints: [join(root, 'test', 'bench', `${name}.ts`)],
  outdir: join(root, 'out', 'bench'),
});
const result = spawnSync(process.execPath, [join(root, 'out', 'bench', `${name}.cjs`), ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
});
process.exit(result.status ?? 1);
