/** Installs and builds what is missing, then traces a script: `npm run trace -- SCRIPT.py [options]`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './tools.mjs';

const bundle = join(root, 'dist', 'cli', 'main.cjs');

function newestSource() {
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, entry) => Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

if (!existsSync(join(root, 'node_modules', 'onnxruntime-node'))) run('npm', ['ci', '--ignore-scripts']);
if (!existsSync(bundle) || statSync(bundle).mtimeMs < newestSource()) run('node', [join(root, 'scripts', 'build.mjs')]);

// npm changes into the project's folder; the paths on the command line are meant where the person stands.
const cwd = process.env.npm_lifecycle_event === 'trace' ? process.env.INIT_CWD : process.cwd();
const result = spawnSync(process.execPath, ['--enable-source-maps', bundle, ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd,
});
process.exit(result.status ?? 1);
