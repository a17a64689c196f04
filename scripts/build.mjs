/** Bundles the engine, the extension and the webview into `dist/`. */
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeBundle, webviewBundle } from './bundles.mjs';
import { nativeLibraryPlugin } from './nativeLibraries.mjs';
import { root } from './tools.mjs';

const engineEntries = [
  'src/engine/main.ts',
  'src/engine/worker.ts',
  'src/engine/cudaProbeMain.ts',
  'src/data/downloadWorker.ts',
];
const commandLineEntries = ['src/cli/main.ts'];

function present(entries) {
  return entries.map((file) => join(root, file)).filter((file) => existsSync(file));
}

/** The engine and its command line. `overrides` are options of esbuild. */
export async function buildEngine({ outdir = join(root, 'dist'), overrides = {}, commandLine = true } = {}) {
  return build({
    ...nodeBundle,
    entryPoints: present([...engineEntries, ...(commandLine ? commandLineEntries : [])]),
    outdir,
    outbase: join(root, 'src'),
    external: ['esbuild'],
    plugins: [nativeLibraryPlugin('npm')],
    ...overrides,
  });
}

/** `dist/extension.cjs` */
export async function buildExtension({ outdir = join(root, 'dist'), overrides = {} } = {}) {
  return build({
    ...nodeBundle,
    entryPoints: present(['src/extension.ts']),
    outdir,
    outbase: join(root, 'src'),
    external: ['vscode'],
    ...overrides,
  });
}

/** `dist/webview/main.js` and `main.css` */
export async function buildWebview({ outdir = join(root, 'dist'), overrides = {} } = {}) {
  return build({
    ...webviewBundle,
    entryPoints: present(['webview/main.tsx']),
    outdir: join(outdir, 'webview'),
    ...overrides,
  });
}

/** Returns esbuild's three results. */
export async function buildAll({ outdir, overrides = {}, engineOverrides = {}, commandLine } = {}) {
  return Promise.all([
    buildEngine({ outdir, overrides: { ...overrides, ...engineOverrides }, commandLine }),
    buildExtension({ outdir, overrides }),
    buildWebview({ outdir, overrides }),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
