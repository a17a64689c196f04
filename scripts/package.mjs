/** `npm run package -- --target linux-x64`: a VSIX with minified bundles and the native libraries of one platform. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyNativeLibraries, nativeLibraryPlugin, targetNames } from './nativeLibraries.mjs';
import { root, run } from './tools.mjs';

const shipped = ['media', 'examples', 'l10n', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore'];

/** Builds `out/gradstep-TARGET.vsix` in a folder of its own and returns its path. */
export async function packageExtension(target) {
  const { buildAll } = await import('./build.mjs');
  const staging = join(root, 'out', `package-${target}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const results = await buildAll({
    outdir: join(staging, 'dist'),
    overrides: { minify: true, sourcemap: false, legalComments: 'none', charset: 'utf8', metafile: true },
    engineOverrides: { external: [], plugins: [nativeLibraryPlugin('packaged')] },
    commandLine: false,
  });
  const outputs = results.flatMap(({ metafile }) => Object.values(metafile.outputs));
  writeFileSync(join(root, 'out', `package-${target}.json`), JSON.stringify(outputs));
  writeNotices(outputs, join(staging, 'dist', 'ThirdPartyNotices.txt'));
  copyNativeLibraries(target, join(staging, 'dist', 'ort'));
  for (const name of shipped) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(staging, name), { recursive: true });
  }
  for (const name of readdirSync(root).filter((file) => /^package\.(nls.*\.)?json$/.test(file))) {
    cpSync(join(root, name), join(staging, name));
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const key of ['private', 'scripts', 'dependencies', 'devDependencies']) delete manifest[key];
  delete manifest.engines.node;
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const vsix = join(root, 'out', `gradstep-${target}.vsix`);
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const result = spawnSync(process.execPath, [vsce, 'package', '--no-dependencies', '--target', target, '-o', vsix], {
    cwd: staging,
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`vsce failed:\n${result.stdout}${result.stderr}`);
  return vsix;
}

/** The package that a bundled file is from; null for the extension's own. */
function packageOf(file) {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll('\\', '/'))?.[1] ?? null;
}

/** The licences of what is bundled ask to go along. */
function writeNotices(outputs, file) {
  const inputs = outputs.flatMap((output) => Object.keys(output.inputs).map(packageOf));
  const names = [...new Set([...inputs, 'onnxruntime-node'])].filter((name) => name !== null).sort();
  const notices = names.map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const text = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const body = text === undefined ? `Licence: ${license}\n` : readFileSync(join(folder, text), 'utf8');
    return `${name} ${version}\n\n${body}`;
  });
  writeFileSync(file, notices.join(`\n${'-'.repeat(80)}\n\n`));
}

/** Bytes of a VSIX, of its bundles, and of the extension's own code in them. */
export function packageSizes(target) {
  const outputs = JSON.parse(readFileSync(join(root, 'out', `package-${target}.json`), 'utf8'));
  const scripts = outputs
    .filter(({ entryPoint }) => entryPoint !== undefined)
    .map(({ entryPoint, bytes, inputs }) => {
      const foreign = Object.entries(inputs).filter(([file]) => packageOf(file) !== null);
      const own = bytes - foreign.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
      return { name: entryPoint, bytes, own };
    });
  const sum = (key) => scripts.reduce((total, script) => total + script[key], 0);
  const vsix = statSync(join(root, 'out', `gradstep-${target}.vsix`)).size;
  return { vsix, scripts, javaScript: sum('bytes'), ownJavaScript: sum('own') };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(join(root, 'node_modules', 'onnxruntime-node'))) run('npm', ['ci', '--ignore-scripts']);
  const at = process.argv.indexOf('--target');
  const wanted = at === -1 ? [`${process.platform}-${process.arch}`] : (process.argv[at + 1] ?? '').split(',');
  const targets = wanted[0] === 'all' ? targetNames : wanted;
  const unknown = targets.find((target) => !targetNames.includes(target));
  if (unknown !== undefined) {
    console.error(`Unknown target '${unknown}'; there are ${targetNames.join(', ')} and all.`);
    process.exit(2);
  }
  for (const target of targets) {
    const vsix = await packageExtension(target);
    const { vsix: bytes, scripts, javaScript, ownJavaScript } = packageSizes(target);
    const kilobytes = (count) => `${(count / 1e3).toFixed(0)} KB`;
    for (const { name, bytes: whole, own } of scripts) {
      console.log(`  ${name.padEnd(28)} ${kilobytes(whole).padStart(8)}, own ${kilobytes(own).padStart(8)}`);
    }
    const code = `JavaScript ${kilobytes(javaScript)}, own ${kilobytes(ownJavaScript)}`;
    console.log(`${relative(root, vsix)}: ${(bytes / 1e6).toFixed(2)} MB; ${code}`);
  }
}
