/**
 * The panel with made-up numbers in a plain browser: builds `out/harness/index.html` and, with chromium, screenshots.
 * `node scripts/harness.mjs [--scenarios backward,step] [--themes dark,light] [--widths 400,900,1600] [--parameter NAME]
 * [--view image] [--height 1000 instead of the whole page] [--out DIR] [--build-only]`
 */
import { build } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { webviewBundle } from './bundles.mjs';
import { root } from './tools.mjs';

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: 'backward' },
    themes: { type: 'string', default: 'dark,light,hc-dark,hc-light' },
    widths: { type: 'string', default: '400,900,1600' },
    parameter: { type: 'string', default: '' },
    view: { type: 'string', default: 'image' },
    out: { type: 'string', default: join(root, 'out', 'harness', 'screenshots') },
    bundle: { type: 'string', default: join(root, 'out', 'harness') },
    height: { type: 'string', default: '' },
    'build-only': { type: 'boolean', default: false },
  },
});

mkdirSync(values.bundle, { recursive: true });
await build({
  ...webviewBundle,
  format: 'iife',
  entryPoints: [join(root, 'webview', 'harness', 'harness.tsx')],
  outdir: values.bundle,
});
copyFileSync(join(root, 'webview', 'harness', 'index.html'), join(values.bundle, 'index.html'));

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!values['build-only']) {
  if (!existsSync(executablePath)) throw new Error(`no chromium at ${executablePath}; set CHROMIUM`);
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  mkdirSync(values.out, { recursive: true });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') console.log(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => console.log(`page: ${error.stack}`));
    for (const scenario of values.scenarios.split(',')) {
      for (const width of values.widths.split(',').map(Number)) {
        await page.setViewportSize({ width, height: Number(values.height) || 1000 });
        for (const theme of values.themes.split(',')) {
          const address = new URL(pathToFileURL(join(values.bundle, 'index.html')));
          const query = address.searchParams;
          for (const [name, value] of Object.entries({ theme, scenario, view: values.view })) query.set(name, value);
          if (values.parameter) query.set('parameter', values.parameter);
          await page.goto(address.href);
          await page.waitForSelector('#app main', { state: 'attached' });
          await page.evaluate('document.fonts.ready.then(() => 0)');
          await page.waitForTimeout(250);
          await page.screenshot({
            path: join(values.out, `${scenario}-${theme}-${width}.png`),
            fullPage: values.height === '',
          });
        }
      }
    }
  } finally {
    await browser.close();
  }
}
