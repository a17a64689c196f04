import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { formatNumber } from '../../../webview/format';
import { PanelDriver } from './panelDriver';
import { goldenEvents } from './scripts';
import { browser, engineProcesses, extension, scripts, server, stepThrough } from './stage';
import { Workbench } from './workbench';

/* One session in one window: back and on, changed values, a reload, a hidden panel, the end. */

const name = '01_cifar_sgd.py';
const golden = goldenEvents('01_cifar_sgd');

/** What the panel says about the event that it shows. */
async function numbers(driver: PanelDriver): Promise<string[]> {
  return [await driver.caption(), ...(await driver.parameterRows())];
}

describe('one session', () => {
  let workbench: Workbench;
  let driver: PanelDriver;

  before(async () => {
    workbench = await Workbench.open(browser, server, { folder: scripts, extensions: [extension] });
    await workbench.openFile(name);
    await workbench.command(stepThrough);
    driver = await PanelDriver.of(workbench);
  });

  after(() => workbench.close());

  test('back shows exactly the earlier numbers, and going on the same ones and then those of PyTorch', async () => {
    await driver.toEvent(0);
    const seen: string[][] = [];
    for (let event = 0; event < 6; event++) {
      if (event > 0) await driver.press('n', 1);
      await driver.showsEvent(event);
      seen.push(await numbers(driver));
    }
    assert.equal(new Set(seen.map(String)).size, seen.length, 'each event has numbers of its own');
    for (let event = 4; event >= 0; event--) {
      await driver.press('p', 1);
      await driver.showsEvent(event);
      assert.deepEqual(await numbers(driver), seen[event], `event ${event}, going back`);
    }
    for (let event = 1; event < 6; event++) {
      await driver.press('n', 1);
      await driver.showsEvent(event);
      assert.deepEqual(await numbers(driver), seen[event], `event ${event}, going on`);
    }
    await driver.press('n', 1);
    await driver.showsEvent(6);
    const { phase, loss } = golden[6]!;
    assert.equal(phase, 'loss');
    assert.ok((await driver.caption()).includes(formatNumber(loss!)), `the loss ${loss}`);
  });

  test('a weight and the learning rate that are set take part in the next step, and the session says so', async () => {
    const { phase, params } = golden[8]!;
    assert.equal(phase, 'backward');
    await driver.toEvent(8);
    await driver.openParameter('model.8.bias');
    const old = await driver.elementValue([2]);
    await driver.setElement(3);
    const norm = Math.hypot(Math.sqrt(params['model.8.bias']!.l2 ** 2 - old ** 2), 3);
    await driver.waitForRow('model.8.bias', norm);
    await driver.closeParameter();
    await driver.setHyperparameter('lr', 0.5);
    await driver.panel.getByText('values were changed here').waitFor();
    assert.equal(await driver.event(), 8);
    await driver.press('n', 1);
    await driver.showsEvent(9);
    const rows = await driver.parameterRows();
    for (const [parameter, { grad }] of Object.entries(params)) {
      const row = rows.find((text) => text.startsWith(parameter));
      assert.ok(row && driver.hasNumber(row, 0.5 * grad!.l2), `delta ${0.5 * grad!.l2} of ${parameter} in: ${row}`);
    }
    const session = await driver.section('session');
    assert.match(session, /after event 8: model\.8\.bias\[2\] = 3/);
    assert.match(session, /after event 8: optimizer lr = 0\.5/);
  });

  test('a reloaded window comes back to the same script, event and changed values', async () => {
    const before = await numbers(driver);
    const session = /edits[^]*/.exec(await driver.section('session'))?.[0];
    const engines = engineProcesses(server);
    await workbench.savedSession(({ place }) => place?.cursor === 9 && place.edits.length === 2);
    await workbench.reload();
    driver = await PanelDriver.of(workbench);
    await driver.showsEvent(9);
    assert.deepEqual(await numbers(driver), before);
    assert.equal(/edits[^]*/.exec(await driver.section('session'))?.[0], session);
    await driver.until('an engine of its own, and no other', async () => {
      const now = engineProcesses(server);
      return now.length === 1 && !engines.includes(now[0]!);
    });
    await workbench.tab(name).waitFor();
    await driver.press('n', 1);
    await driver.showsEvent(10);
  });

  test('a script that is edited while it runs: the panel says so until the text is what runs again', async () => {
    const notice = driver.panel.getByText('The script has been edited');
    await workbench.tab(name).click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type('#');
    await notice.waitFor();
    await driver.showsEvent(10);
    await workbench.page.keyboard.press('Control+z');
    await notice.waitFor({ state: 'detached' });
  });

  test('what was stepped while the panel was hidden is there when it is shown', async () => {
    await workbench.tab('Gradstep').click();
    await workbench.openFile('bad.py');
    await driver.panel.locator('.caption').waitFor({ state: 'hidden' });
    for (const place of ['loss · iteration 3', 'zero_grad · iteration 3', 'backward · iteration 3']) {
      await workbench.command('Gradstep: Next Phase');
      await workbench.page.locator('.statusbar-item', { hasText: place }).waitFor();
    }
    await workbench.tab('Gradstep').click();
    await driver.showsEvent(13);
    await driver.press('n', 1);
    await driver.showsEvent(14);
  });

  test('closing the panel ends the engine', async () => {
    assert.equal(engineProcesses(server).length, 1);
    await workbench.tab('Gradstep').click();
    await workbench.command('View: Close Editor');
    await workbench.tab('Gradstep').waitFor({ state: 'detached' });
    await driver.until('no engine', () => Promise.resolve(engineProcesses(server).length === 0));
    await workbench.page.locator('.statusbar-item', { hasText: 'iteration' }).waitFor({ state: 'detached' });
  });
});
