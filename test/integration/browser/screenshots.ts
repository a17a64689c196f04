import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Locator } from 'playwright-core';
import { graveFindings, type Finding } from './axe';
import type { PanelDriver } from './panelDriver';
import { darkTheme, engineProcesses, server, stepInto } from './stage';
import type { Workbench } from './workbench';

const themes = [
  { name: 'dark', id: darkTheme, body: 'vscode-dark' },
  { name: 'light', id: 'Default Light Modern', body: 'vscode-light' },
  { name: 'contrast-dark', id: 'Default High Contrast', body: 'vscode-high-contrast' },
  { name: 'contrast-light', id: 'Default High Contrast Light', body: 'vscode-high-contrast-light' },
];

/** The whole window, in pixels: the panel is about half of it. */
const sizes = [
  { name: 'wide', width: 1920, height: 1200 },
  { name: 'narrow', width: 960, height: 1200 },
];

type Theme = (typeof themes)[number];
type Size = (typeof sizes)[number];

const folder = resolve('out/screenshots');

/**
 * Pictures of a real session after six iterations of a StepLR script, on its `backward`: the whole window, the panel's
 * sections one by one, a parameter's page in its three views, an update's formula; then findings and a dead engine.
 * Counts them, and gives what axe finds in each theme, wide and narrow.
 */
export async function takeScreenshots(): Promise<{ count: number; findings: Record<string, Finding[]> }> {
  mkdirSync(folder, { recursive: true });
  let count = 0;
  const findings: Record<string, Finding[]> = {};
  for (const size of sizes) {
    const driver = await stepInto('examples/03_step_lr.py', size);
    const { workbench, panel } = driver;
    await driver.panel.locator('.next-button:not([disabled])').waitFor();
    await driver.runTo('backward', 6);
    for (const theme of themes) {
      await changeTheme(driver, theme);
      const shot = async (what: string) => {
        await workbench.page.screenshot({ path: pathOf(theme, size, what) });
        count++;
      };
      await shot('window');
      await letHeaderScroll(driver, true);
      for (const section of await panel.locator('section[data-section]').all()) {
        const id = await section.getAttribute('data-section');
        await section.evaluate((element: { scrollIntoView(): void }) => element.scrollIntoView());
        await driver.settle();
        await shotOf(driver, section, pathOf(theme, size, `section-${id}`));
        count++;
      }
      await letHeaderScroll(driver, false);
      await driver.openFirstParameter();
      for (const view of ['Histogram', 'Table', 'Image']) {
        await driver.chooseView(view);
        await shot(`parameter-${view.toLowerCase()}`);
      }
      const grave = await graveFindings(driver);
      if (grave.length > 0) findings[`${theme.name}, ${size.name}`] = grave;
      await driver.closeParameter();
    }
    await driver.runTo('step', 1);
    await driver.openFirstParameter();
    for (const theme of themes) {
      await changeTheme(driver, theme);
      await driver.panel.locator('.formula').screenshot({ path: pathOf(theme, size, 'formula') });
      count++;
    }
    await workbench.close();
    count += await takeFindings(size);
  }
  server.changeSettings({ 'workbench.colorTheme': darkTheme });
  return { count: count + (await takePagePictures()), findings };
}

/** What the checks find in the second classic mistake, and an engine that was killed. */
async function takeFindings(size: Size): Promise<number> {
  const driver = await stepInto('examples/04_scheduler_instead_of_optimizer.py', size);
  const section = driver.panel.locator('section[data-section="checks"]');
  await driver.panel.locator('.next-button:not([disabled])').waitFor();
  await driver.runTo('scheduler.step', 6);
  for (const theme of themes) {
    await changeTheme(driver, theme);
    await section.scrollIntoViewIfNeeded();
    await section.screenshot({ path: pathOf(theme, size, 'findings') });
  }
  for (const engine of engineProcesses(server)) process.kill(engine, 'SIGKILL');
  await driver.panel.getByRole('button', { name: 'Recover' }).waitFor();
  for (const theme of themes) {
    await changeTheme(driver, theme);
    await driver.panel.locator('.messages').screenshot({ path: pathOf(theme, size, 'engine-died') });
  }
  await driver.workbench.close();
  return 2 * themes.length;
}

/** A picture of a whole window. */
export async function takeScreenshot({ page }: Workbench, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Pictures of a whole window in each theme, wide and narrow; its panel is open. */
export async function takeWindow(driver: PanelDriver, what: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { page } = driver.workbench;
  const before = page.viewportSize()!;
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const theme of themes) {
      await changeTheme(driver, theme);
      await page.screenshot({ path: pathOf(theme, size, what) });
    }
  }
  await page.setViewportSize(before);
  server.changeSettings({ 'workbench.colorTheme': darkTheme });
}

/** As much of a part of the panel as is in sight. */
async function shotOf({ workbench: { page } }: PanelDriver, part: Locator, path: string): Promise<void> {
  const inner = (await part.boundingBox())!;
  const outer = (await page.locator('iframe.webview').boundingBox())!;
  const y = Math.max(inner.y, outer.y);
  const height = Math.min(inner.y + inner.height, outer.y + outer.height) - y;
  await page.screenshot({ path, clip: { x: inner.x, y, width: inner.width, height } });
}

/** A header that stays would lie over a section that is taller than the window. */
async function letHeaderScroll({ workbench }: PanelDriver, scrolls: boolean): Promise<void> {
  const frame = await workbench.panelFrame();
  await frame.evaluate(`{ document.querySelector('.top').style.position = '${scrolls ? 'static' : ''}'; }`);
}

async function changeTheme({ panel }: PanelDriver, { id, body }: Theme): Promise<void> {
  server.changeSettings({ 'workbench.colorTheme': id });
  await panel.locator(`body.${body}`).waitFor();
  await panel
    .locator('body')
    .evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

function pathOf(theme: Theme, size: Size, what: string): string {
  return join(folder, `${theme.name}-${size.name}-${what}.png`);
}

/** The pictures of the README: `media/screenshots` has copies of them. */
async function takePagePictures(): Promise<number> {
  const driver = await stepInto('examples/03_step_lr.py', { width: 1440, height: 900 });
  const { page } = driver.workbench;
  await driver.panel.locator('.next-button:not([disabled])').waitFor();
  await driver.workbench.command('View: Toggle Primary Side Bar Visibility');
  await driver.runTo('step', 8);
  await driver.panel.locator('body.vscode-dark').waitFor();
  await driver.settle();
  await page.screenshot({ path: join(folder, 'page-panel.png') });
  await driver.openFirstParameter();
  await driver.panel.locator('section[data-section="parameterPage"]').scrollIntoViewIfNeeded();
  await page.screenshot({ path: join(folder, 'page-parameter.png') });
  await driver.closeParameter();
  await driver.panel.locator('section[data-section="learningRate"]').scrollIntoViewIfNeeded();
  await driver.settle();
  await page.screenshot({ path: join(folder, 'page-learning-rate.png') });
  await driver.workbench.close();
  return 3;
}
