/**
 * The tests that need a VS Code: `node scripts/integration.mjs [PATTERN]`. The browser suite drives the VS Code server
 * in Chromium and runs the extension host's suite in it; `--desktop` runs only the latter, in a desktop VS Code that
 * @vscode/test-electron downloads.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './tools.mjs';

const outdir = join(root, 'out', 'integration');

async function bundle() {
  const { build } = await import('esbuild');
  const { buildAll } = await import('./build.mjs');
  const { nodeBundle } = await import('./bundles.mjs');
  rmSync(outdir, { recursive: true, force: true });
  await buildAll();
  await build({
    ...nodeBundle,
    entryPoints: [join(root, 'test', 'integration', 'extensionHost', 'index.ts')],
    outdir: join(outdir, 'extensionHost'),
    outExtension: { '.js': '.js' },
    external: ['vscode'],
  });
  await build({
    ...nodeBundle,
    format: 'esm',
    entryPoints: ['main', 'bench'].map((name) => join(root, 'test', 'integration', 'browser', `${name}.ts`)),
    outdir: join(outdir, 'browser'),
    outExtension: { '.js': '.mjs' },
    // Their own place on disk matters to them.
    external: ['playwright-core', 'axe-core', '../../../scripts/rig.mjs', '../../../scripts/package.mjs'],
  });
}

function runNode(nodeArguments) {
  const result = spawnSync(process.execPath, ['--enable-source-maps', ...nodeArguments], {
    stdio: 'inherit',
    cwd: root,
  });
  return result.status ?? 1;
}

/** Returns the exit status; where the rig can't be had it says so and that is no failure. */
export async function runBrowserSuite(pattern) {
  const { setUpChromium, setUpServer } = await import('./rig.mjs');
  try {
    setUpServer();
    setUpChromium();
  } catch (error) {
    if (process.env.CI !== undefined && process.platform === 'linux') throw error;
    console.log(`The tests in a real workbench are left out. ${error instanceof Error ? error.message : error}`);
    return 0;
  }
  await bundle();
  const screenshots = join(root, 'out', 'screenshots');
  // Pictures of views that are gone would pass for this run's.
  if (pattern === undefined) rmSync(screenshots, { recursive: true, force: true });
  mkdirSync(screenshots, { recursive: true });
  const chosen = pattern === undefined ? [] : ['--test-name-pattern', pattern];
  return runNode(['--test', '--test-timeout=600000', ...chosen, join(outdir, 'browser', 'main.mjs')]);
}

/** The panel's times, from the key to the painted result. */
export async function runPanelBench() {
  const { setUpChromium, setUpServer } = await import('./rig.mjs');
  setUpServer();
  setUpChromium();
  await bundle();
  return runNode([join(outdir, 'browser', 'bench.mjs')]);
}

async function runDesktopSuite() {
  await bundle();
  const { runTests } = await import('@vscode/test-electron');
  return runTests({
    extensionDevelopmentPath: root,
    extensionTestsPath: join(outdir, 'extensionHost', 'index.js'),
    launchArgs: [
      join(root, 'test', 'integration', 'workspace'),
      ...['--disable-extensions', '--disable-workspace-trust', '--skip-welcome'],
    ],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--desktop')) process.exit(await runDesktopSuite());
  process.exit(await runBrowserSuite(process.argv.slice(2).find((argument) => !argument.startsWith('--'))));
}
