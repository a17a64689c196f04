/**
 * Builds every test on disk and runs it: `npm test [-- PATTERN]`, where PATTERN is a part of the file's path. Without a
 * pattern, on Linux, the tests in a real workbench follow.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, run } from './tools.mjs';

const pattern = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const quick = process.argv.includes('--quick') || pattern !== undefined;

if (!existsSync(join(root, 'node_modules', 'onnxruntime-node'))) run('npm', ['ci', '--ignore-scripts']);
if (!quick) {
  run('npx', ['tsc', '-b']);
  run('npm', ['run', '--silent', 'lint']);
}

const { build } = await import('esbuild');
const { buildEngine } = await import('./build.mjs');
const { nodeBundle } = await import('./bundles.mjs');

const sources = readdirSync(join(root, 'test'), { recursive: true })
  .map((name) => join(root, 'test', String(name)))
  .filter((file) => file.endsWith('.test.ts') && (pattern === undefined || relative(root, file).includes(pattern)));
const outDirectory = join(root, 'out', quick ? `test-${process.pid}` : 'test');
rmSync(outDirectory, { recursive: true, force: true });
await buildEngine();
await build({
  ...nodeBundle,
  entryPoints: [...sources, join(root, 'test', 'support', 'debugServer.ts')],
  outdir: outDirectory,
  outbase: join(root, 'test'),
});
const built = readdirSync(outDirectory, { recursive: true })
  .map((name) => join(outDirectory, String(name)))
  .filter((file) => file.endsWith('.test.cjs') && statSync(file).isFile())
  .sort();
const result = spawnSync(process.execPath, ['--enable-source-maps', '--test', '--test-concurrency=2', ...built], {
  stdio: 'inherit',
  cwd: root,
  env: {
    ...process.env,
    GRADSTEP_TEST_FILES: built
      .map((file) => relative(outDirectory, file).replaceAll('\\', '/').slice(0, -'.test.cjs'.length))
      .join('\n'),
    ...(pattern === undefined ? {} : { GRADSTEP_TEST_PATTERN: pattern }),
  },
});
if (quick) rmSync(outDirectory, { recursive: true, force: true });
if (result.status !== 0 || quick || process.platform !== 'linux') process.exit(result.status ?? 1);

const { runBrowserSuite } = await import('./integration.mjs');
process.exit(await runBrowserSuite());
