import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { graveFindings, type Finding } from './axe';
import { darkTheme, server, stepInto } from './stage';

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

const folder = resolve('out/screenshots');

/**
 * Pictures of a real session after six iterations of a StepLR script, on its `backward`: the whole window, the panel's
 * sections one by one, and a parameter's page. Counts them, and gives what axe finds in each theme, wide and narrow.
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
      server.changeSettings({ 'workbench.colorTheme': theme.id });
      await panel.locator(`body.${theme.body}`).waitFor();
      await driver.settle();
      const shot = async (what: string, path = join(folder, `${theme.name}-${size.name}-${what}.png`)) => {
        await workbench.page.screenshot({ path });
        count++;
      };
      await shot('window');
      for (const section of await panel.locator('section[data-section]').all()) {
        const id = await section.getAttribute('data-section');
        await section.scrollIntoViewIfNeeded();
        await driver.settle();
        await section.screenshot({ path: join(folder, `${theme.name}-${size.name}-section-${id}.png`) });
        count++;
      }
      await driver.openFirstParameter();
      await shot('parameter');
      const grave = await graveFindings(driver);
      if (grave.length > 0) findings[`${theme.name}, ${size.name}`] = grave;
      await driver.closeParameter();
    }
    await workbench.close();
  }
  server.changeSettings({ 'workbench.colorTheme': darkTheme });
  return { count: count + (await takePagePictures()), findings };
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
