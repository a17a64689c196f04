/**
 * `npm run bench [-- panel | debug | growth | profile | --against torch]`: builds what is measured and measures it: the
 * engine, the panel in a workbench, what debugging costs, iterations as the work grows, where an iteration's time goes,
 * or the engine and PyTorch eager by turns.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './tools.mjs';

if (!existsSync(join(root, 'node_modules', 'onnxruntime-node'))) run('npm', ['ci', '--ignore-scripts']);

if (process.argv[2] === 'panel') {
  const { runPanelBench } = await import('./integration.mjs');
  process.exit(await runPanelBench());
}

const { build } = await import('esbuild');
const { buildEngine } = await import('./build.mjs');
const { nodeBundle } = await import('./bundles.mjs');

const names = { debug: 'debugBench', growth: 'growthBench', profile: 'profileBench', '--against': 'torchBench' };
const name = names[process.argv[2]] ?? 'bench';
if (name === 'torchBench' && process.argv[3] !== 'torch') throw new Error('the engine is compared with: torch');
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
if (name === 'growthBench' && result.status === 0) await takePicture();
process.exit(result.status ?? 1);

/** Of the charts, for the README: which shows no drawings but pictures. */
async function takePicture() {
  const { launchBrowser } = await import('./rig.mjs');
  const browser = await launchBrowser();
  const page = await browser.newPage({ deviceScaleFactor: 2 });
  await page.goto(pathToFileURL(join(root, 'out', 'bench', 'growth.html')).href);
  await page.locator('body').screenshot({ path: join(root, 'media', 'screenshots', 'growth.png') });
  await browser.close();
}
