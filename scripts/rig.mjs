/**
 * A VS Code for tests and for machines without a desktop: the server that npm's code-server carries, and Chromium.
 * Everything lies in `.vscode-test/` (or in GRADSTEP_RIG) and is reused.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { URLSearchParams } from 'node:url';
import { root } from './tools.mjs';

const codeServerVersion = '4.139.1';
/** The version of Node that this server was built for. */
const nodeMajor = 24;

export const rigFolder = process.env.GRADSTEP_RIG ?? join(root, '.vscode-test');
const nodeBinary = join(rigFolder, 'node', 'node_modules', 'node', 'bin', 'node');
const serverFolder = join(rigFolder, 'server', 'node_modules', 'code-server', 'lib', 'vscode');
const serverMain = join(serverFolder, 'out', 'server-main.js');
const doneMark = join(rigFolder, `server-${codeServerVersion}.done`);

function npmInstall(folder, commandArguments) {
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  const result = spawnSync('npm', ['install', '--no-fund', '--no-audit', '--no-save', ...commandArguments], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`npm install ${commandArguments.join(' ')} failed:\n${result.stderr}`);
}

/** The Node that runs the server: this one where it fits, else one from npm. */
function serverNode() {
  return Number(process.versions.node.split('.')[0]) === nodeMajor ? process.execPath : nodeBinary;
}

/** Installs the VS Code server; says what it does. Throws where it can't be had. */
export function setUpServer(say = console.log) {
  if (process.platform === 'win32') throw new Error('The VS Code server of this rig runs on Linux and macOS only.');
  if (existsSync(doneMark) && existsSync(serverMain) && existsSync(serverNode())) return;
  if (!existsSync(serverNode())) {
    say(`Rig: Node ${nodeMajor} from npm ...`);
    npmInstall(join(rigFolder, 'node'), [`node@${nodeMajor}`]);
  }
  say(`Rig: the VS Code server of code-server ${codeServerVersion} from npm (about 0.8 GB, once) ...`);
  npmInstall(join(rigFolder, 'server'), ['--ignore-scripts', `code-server@${codeServerVersion}`]);
  npmInstall(serverFolder, ['--omit=dev', '--ignore-scripts']);
  writeFileSync(doneMark, '');
}

function onPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

function findChromium() {
  const candidates = [
    process.env.CHROMIUM_EXECUTABLE,
    ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(onPath),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  return candidates.find((file) => file !== undefined && existsSync(file)) ?? null;
}

/** Finds Chromium, installs Debian's where that is possible; throws with what is needed where it isn't. */
export function setUpChromium(say = console.log) {
  const found = findChromium();
  if (found !== null) return found;
  const debian = process.platform === 'linux' && onPath('apt-get') !== undefined && process.getuid?.() === 0;
  if (debian) {
    say('Rig: Chromium from apt-get ...');
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const quiet = { stdio: 'ignore', env: environment };
    spawnSync('apt-get', ['update', '-q'], quiet);
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], quiet);
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'fonts-noto-cjk'], quiet);
  }
  const installed = findChromium();
  if (installed !== null) return installed;
  throw new Error(
    'Chromium is needed: install it (Debian: apt-get install chromium) or name it in CHROMIUM_EXECUTABLE.',
  );
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** What makes a fresh workbench quiet: no welcome, no chat, no suggestions, no network. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'telemetry.telemetryLevel': 'off',
  'security.workspace.trust.enabled': false,
  'git.enabled': false,
  'window.menuBarVisibility': 'compact',
  'editor.minimap.enabled': false,
  'npm.autoDetect': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
};

/** Servers that run, with the data folders that go with them. */
const running = new Map();

function stopAll() {
  for (const [child, folder] of running) {
    killGroup(child, 'SIGKILL');
    if (folder !== null) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  running.clear();
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

process.once('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** Runs the server's own command line, such as `--install-extension FILE`. */
function serverCommand(dataFolder, commandArguments) {
  return spawnSync(serverNode(), [serverMain, '--server-data-dir', dataFolder, ...commandArguments], {
    cwd: serverFolder,
    encoding: 'utf8',
  });
}

/**
 * Starts a server with a data folder of its own on a free port.
 * `settings` are the user's, `vsix` and the extension in the folder `helper` are installed first, `env` is added to the environment. `userDataFolder` is kept
 * when it is given; else it is a temporary one that goes with the server.
 */
export async function startServer({ settings = {}, vsix = null, helper = null, env = {}, userDataFolder = null } = {}) {
  const dataFolder = userDataFolder ?? mkdtempSync(join(tmpdir(), 'gradstep-vscode-'));
  const settingsFiles = ['User', 'Machine'].map((folder) => join(dataFolder, 'data', folder, 'settings.json'));
  const changeSettings = (changes) => {
    for (const file of settingsFiles) {
      mkdirSync(join(file, '..'), { recursive: true });
      const old = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : quietSettings;
      writeFileSync(file, JSON.stringify({ ...old, ...changes }, undefined, 2));
    }
  };
  changeSettings(settings);
  if (vsix !== null) {
    const result = serverCommand(dataFolder, ['--install-extension', vsix]);
    if (result.status !== 0) throw new Error(`Installing ${vsix} failed:\n${result.stdout}${result.stderr}`);
  }
  if (helper !== null) {
    const { publisher, name, version } = JSON.parse(readFileSync(join(helper, 'package.json'), 'utf8'));
    cpSync(helper, join(dataFolder, 'extensions', `${publisher}.${name}-${version}`), { recursive: true });
  }
  const port = await freePort();
  const child = spawn(
    serverNode(),
    [
      serverMain,
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...['--server-data-dir', dataFolder, '--telemetry-level', 'off'],
      ...['--without-connection-token', '--accept-server-license-terms', '--enable-smoke-test-driver'],
      ...(settings['security.workspace.trust.enabled'] === true ? [] : ['--disable-workspace-trust']),
    ],
    // A group of its own, so that its extension hosts and their children end with it.
    { cwd: serverFolder, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  running.set(child, userDataFolder === null ? dataFolder : null);
  let log = '';
  const ended = new Promise((resolve) => {
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  await new Promise((resolve, reject) => {
    const listen = (chunk) => {
      log = (log + String(chunk)).slice(-20_000);
      if (log.includes('Extension host agent listening')) resolve(undefined);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void ended.then((code) => reject(new Error(`The VS Code server ended with ${code}:\n${log}`)));
  });
  return {
    port,
    dataFolder,
    process: child,
    changeSettings,
    log: () => log,
    async stop() {
      killGroup(child, 'SIGTERM');
      const timer = setTimeout(() => killGroup(child, 'SIGKILL'), 3000);
      await ended;
      clearTimeout(timer);
      killGroup(child, 'SIGKILL');
      if (userDataFolder === null) rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The address of a workbench with a folder, a file and extensions under development. */
export function workbenchAddress(server, { folder, file = null, extensions = [], tests = null }) {
  const remote = (path) => `vscode-remote://localhost:${server.port}${path}`;
  const payload = [
    ['skipWelcome', 'true'],
    ...extensions.map((path) => ['extensionDevelopmentPath', remote(path)]),
    ...(tests === null ? [] : [['extensionTestsPath', remote(tests)]]),
    ...(file === null ? [] : [['openFile', remote(file)]]),
  ];
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  return `http://localhost:${server.port}/?${query.toString()}`;
}

export async function launchBrowser(options = {}) {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: setUpChromium(),
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
    ],
    ...options,
  });
}

/** Where VS Code's desktop is, or null. */
export function findDesktop() {
  const named = process.env.VSCODE_EXECUTABLE;
  if (named !== undefined && existsSync(named)) return named;
  const display = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  if (!display) return null;
  const known = {
    linux: ['/usr/share/code/bin/code', '/snap/bin/code'],
    darwin: [
      '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code',
      join(homedir(), 'Applications/Visual Studio Code.app/Contents/Resources/app/bin/code'),
    ],
    win32: [join(process.env.LOCALAPPDATA ?? '', 'Programs', 'Microsoft VS Code', 'bin', 'code.cmd')],
  };
  const names = process.platform === 'win32' ? ['code.cmd'] : ['code'];
  return names.map(onPath).find(Boolean) ?? known[process.platform]?.find((file) => existsSync(file)) ?? null;
}
