/**
 * `npm start`: builds the extension and opens VS Code with it, an example script and the panel beside it. Where there
 * is no desktop VS Code, the VS Code server from npm shows the same in a browser.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './tools.mjs';

if (!existsSync(join(root, 'node_modules', 'onnxruntime-node'))) run('npm', ['ci', '--ignore-scripts']);

const { buildAll } = await import('./build.mjs');
const { findDesktop, setUpServer, startServer, workbenchAddress } = await import('./rig.mjs');

console.log('Building Gradstep ...');
await buildAll();

const examples = join(root, 'examples');
const helper = join(root, 'scripts', 'startExtension');
const desktop = process.argv.includes('--server') ? null : findDesktop();

if (desktop === null) await serve();
else openDesktop(desktop);

function openDesktop(executable) {
  console.log(`Opening ${executable}. Close its window or press Ctrl+C to end.`);
  const profile = mkdtempSync(join(tmpdir(), 'gradstep-start-'));
  const desktopArguments = [
    '--new-window',
    '--wait',
    ...[root, helper].map((folder) => `--extensionDevelopmentPath=${folder}`),
    ...['--user-data-dir', profile, '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes'],
    examples,
  ];
  // code.cmd runs in a shell only, which takes arguments apart at blanks.
  const shell = process.platform === 'win32';
  const quoted = shell
    ? [executable, ...desktopArguments].map((part) => `"${part}"`)
    : [executable, ...desktopArguments];
  const child = spawn(quoted[0], quoted.slice(1), { stdio: 'inherit', shell });
  child.once('exit', (code) => {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    process.exit(code ?? 0);
  });
}

async function serve() {
  console.log('No desktop VS Code was found; the VS Code server from npm takes its place.');
  setUpServer();
  const server = await startServer({ helper });
  console.log(
    `\nOpen this address in a browser:\n\n  ${workbenchAddress(server, { folder: examples, extensions: [root] })}\n`,
  );
  console.log('Ctrl+C ends it.');
  await new Promise((resolve) => server.process.once('exit', resolve));
}
