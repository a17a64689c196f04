import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { packageExtension, packageSizes } from '../../../scripts/package.mjs';
import { startServer, workbenchAddress } from '../../../scripts/rig.mjs';
import { formatNumber } from '../../../webview/format';
import { graveFindings } from './axe';
import { PanelDriver } from './panelDriver';
import { takeScreenshot, takeScreenshots } from './screenshots';
import { goldenEvents } from './scripts';
import './debugging';
import './session';
import { browser, engineProcesses, extension, scripts, server, stepInto, stepThrough } from './stage';
import { Workbench } from './workbench';

/* The real workbench of VS Code in Chromium. */

const golden = goldenEvents('01_cifar_sgd');

describe('stepping through script 01', { skip: process.platform === 'win32' }, () => {
  let driver: PanelDriver;

  before(async () => {
    driver = await stepInto('01_cifar_sgd.py');
  });

  after(() => driver.workbench.close());

  test('the buttons and the keys step, and the panel shows the numbers of PyTorch', async () => {
    await driver.toEvent(0);
    const loss = golden.find(({ phase }) => phase === 'loss')!;
    await driver.clickNext();
    await driver.showsEvent(loss.event);
    assert.match(await driver.caption(), new RegExp(formatNumber(loss.loss!).replace('.', '\\.')));
    const backward = golden.find(({ phase }) => phase === 'backward')!;
    await driver.press('n', 2);
    await driver.showsEvent(backward.event);
    const shown = await driver.parameterRows();
    const expected = Object.entries(backward.params);
    assert.equal(shown.length, expected.length);
    for (const [name, { l2, grad }] of expected) {
      const row = shown.find((text) => text.startsWith(name));
      assert.ok(row, `a row for ${name}`);
      assert.ok(driver.hasNumber(row, l2), `norm ${l2} of ${name} in: ${row}`);
      assert.ok(driver.hasNumber(row, grad!.l2), `gradient norm ${grad!.l2} of ${name} in: ${row}`);
    }
  });

  test('an iteration further, the loss is the one of the trace', async () => {
    await driver.press('Shift+N', 1);
    await driver.restsAfter(3);
    const losses = golden.filter(({ phase }) => phase === 'loss');
    const second = losses[1]!;
    while ((await driver.event()) < second.event) await driver.press('n', 1);
    assert.match(await driver.caption(), new RegExp(formatNumber(second.loss!).replace('.', '\\.')));
  });

  test('the line that ran is marked in the editor', async () => {
    const line = golden[await driver.event()]!.line;
    await driver.workbench.page.locator('.monaco-editor .view-overlays [class*="ced-"]').first().waitFor();
    assert.match(await driver.text(), new RegExp(`\\b${line}\\b`));
  });

  test('pictures are painted', async () => {
    await driver.openParameter('model.0.weight');
    const colours = await driver.canvasColours();
    assert.ok(colours > 4, `${colours} colours in the largest canvas`);
    await driver.closeParameter();
  });

  test('axe finds nothing serious', async () => {
    assert.deepEqual(await graveFindings(driver), []);
  });

  test('a killed engine is reported and comes back to the same event', async () => {
    const event = await driver.event();
    const caption = await driver.caption();
    const engines = engineProcesses(server);
    assert.equal(engines.length, 1, 'one engine runs');
    process.kill(engines[0]!, 'SIGKILL');
    await driver.recover();
    await driver.showsEvent(event);
    assert.equal(await driver.caption(), caption);
    const again = engineProcesses(server);
    assert.equal(again.length, 1);
    assert.notEqual(again[0], engines[0]);
    await driver.press('n', 1);
    await driver.showsEvent(event + 1);
  });
});

describe('bad input', () => {
  test('what Gradstep does not know stands in the Problems view and in the panel', async () => {
    const driver = await stepInto('bad.py');
    await driver.waitForText('TransformerDecoderLayer');
    await driver.workbench.command('Problems: Focus on Problems View');
    const problems = driver.workbench.page.locator('.markers-panel');
    await problems.getByText('TransformerDecoderLayer').first().waitFor();
    const text = await problems.innerText();
    assert.match(text, /Ln 4/);
    assert.match(text, /Ln 5/);
    await driver.workbench.close();
  });
});

describe('Simplified Chinese', () => {
  test('the keybinding opens a panel that speaks the language of VS Code', async () => {
    const file = join(scripts, '01_cifar_sgd.py');
    const target = { folder: scripts, file, extensions: [extension] };
    const workbench = await Workbench.open(browser, server, target, undefined, 'zh-cn');
    await workbench.page.locator('.monaco-editor .codelens-decoration', { hasText: /[\u4e00-\u9fff]/ }).waitFor();
    await workbench.page.locator('.monaco-editor .view-line').first().click();
    await workbench.page.keyboard.press('Alt+Shift+G');
    await workbench.panel.locator('.next-button', { hasText: /下一/ }).waitFor();
    assert.match(await workbench.panel.locator('.caption').innerText(), /[\u4e00-\u9fff]/);
    await takeScreenshot(workbench, 'chinese-window');
    await workbench.close();
  });
});

describe('screenshots', () => {
  test('every view in four themes and two widths, with nothing serious for axe', async () => {
    const { count, findings } = await takeScreenshots();
    assert.ok(count >= 4 * 2 * 14, `${count} screenshots`);
    assert.deepEqual(findings, {});
  });
});

describe('the extension host', () => {
  test('its own suite passes', async () => {
    // Beside a debugger that is not ours.
    const helper = resolve('test/fixtures/foreignDebugger');
    const host = await startServer({ settings: { 'gradstep.device': 'cpu' }, helper });
    try {
      const page = await browser.newPage();
      const lines: string[] = [];
      await page.exposeFunction('codeAutomationLog', (_type: string, texts: unknown[]) => {
        lines.push(texts.map(String).join(' '));
      });
      const exit = new Promise<number>((done) => {
        void page.exposeFunction('codeAutomationExit', (code: number) => done(code));
      });
      const tests = resolve('out/integration/extensionHost/index.js');
      const folder = resolve('test/integration/workspace');
      await page.goto(workbenchAddress(host, { folder, extensions: [extension], tests }));
      const code = await exit;
      const report = lines.filter((line) => /^\s+(ok|FAILED|activate)/.test(line)).join('\n');
      console.log(report);
      await page.close();
      assert.equal(code, 0, report);
    } finally {
      await host.stop();
    }
  });
});

describe('the package', () => {
  const target = `${process.platform}-${process.arch}`;
  let vsix: string;

  before(async () => {
    vsix = await packageExtension(target);
  });

  test('installed into a clean VS Code it steps', async () => {
    const { vsix: bytes, javaScript, ownJavaScript } = packageSizes(target);
    const kilobytes = (count: number) => `${(count / 1e3).toFixed(0)} KB`;
    console.log(
      `${target}: ${(bytes / 1e6).toFixed(2)} MB, JavaScript ${kilobytes(javaScript)}, own ${kilobytes(ownJavaScript)}`,
    );
    if (target === 'linux-x64') assert.ok(bytes < 19e6, `${bytes} bytes`);
    const clean = await startServer({ vsix });
    try {
      const file = join(scripts, '01_cifar_sgd.py');
      const workbench = await Workbench.open(browser, clean, { folder: scripts, file });
      await workbench.command(stepThrough);
      const driver = await PanelDriver.of(workbench);
      await driver.toEvent(0);
      await driver.press('n', 1);
      await driver.showsEvent(1);
      assert.match(await driver.caption(), new RegExp(formatNumber(golden[1]!.loss!).replace('.', '\\.')));
      const engines = engineProcesses(clean);
      assert.equal(engines.length, 1);
      const command = readFileSync(`/proc/${engines[0]}/cmdline`, 'utf8');
      assert.ok(command.includes(clean.dataFolder), 'the engine is the installed one');
      await workbench.close();
    } finally {
      await clean.stop();
    }
  });

  test('in an untrusted workspace nothing of it runs', async () => {
    const settings = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };
    const wary = await startServer({ vsix, settings });
    try {
      const workbench = await Workbench.open(browser, wary, {
        folder: scripts,
        file: join(scripts, '01_cifar_sgd.py'),
      });
      const { page } = workbench;
      await page.getByText('Restricted Mode').first().waitFor();
      await page.locator('.statusbar-item', { hasText: 'Python' }).waitFor();
      await page.keyboard.press('F1');
      await page.locator('.quick-input-widget input.input').fill('>Gradstep');
      await page.getByText('No matching commands').waitFor();
      assert.equal(await page.locator('.codelens-decoration').count(), 0);
      await workbench.close();
    } finally {
      await wary.stop();
    }
  });
});
