/** Bundles the engine's entry points into `dist/`. */
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeBundle } from './bundles.mjs';
import { root } from './tools.mjs';

const entryPoints = ['src/engine/main.ts', 'src/engine/worker.ts', 'src/cli/main.ts', 'src/data/downloadWorker.ts'];

export async function buildEngine() {
  await build({
    ...nodeBundle,
    entryPoints: entryPoints.map((file) => join(root, file)).filter((file) => existsSync(file)),
    outdir: join(root, 'dist'),
    outbase: join(root, 'src'),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildEngine();
