import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { launchBrowser, startServer, type RigServer } from '../../../scripts/rig.mjs';
import { PanelDriver } from './panelDriver';
import { makeScriptFolder } from './scripts';
import { descendants, Workbench } from './workbench';

/* One server and one browser for all tests of the suite. */

export const extension = resolve('.');
export const stepThrough = 'Gradstep: Step Through This Script';
export const darkTheme = 'Default Dark Modern';
const scriptFolder = makeScriptFolder();
export const { scripts } = scriptFolder;
export let server: RigServer;
export let browser: Browser;

before(async () => {
  server = await startServer({ settings: { 'workbench.colorTheme': darkTheme, 'gradstep.device': 'cpu' } });
  browser = await launchBrowser();
});

after(async () => {
  const children = [server.process.pid!, ...descendants(server.process.pid!, '')];
  await browser.close();
  await server.stop();
  rmSync(scriptFolder.root, { recursive: true, force: true });
  const left = () => children.filter((id) => existsSync(`/proc/${id}`));
  for (const end = Date.now() + 10_000; left().length > 0 && Date.now() < end;) await setTimeout(50);
  assert.deepEqual(left(), [], 'processes that outlive the server');
});

/** Opens a script and steps into it by the command palette. */
export async function stepInto(name: string, size?: { width: number; height: number }): Promise<PanelDriver> {
  const file = join(scripts, name);
  const workbench = await Workbench.open(browser, server, { folder: scripts, file, extensions: [extension] }, size);
  await workbench.command(stepThrough);
  return PanelDriver.of(workbench);
}

/** The processes of the engines that a server's extension hosts have started. */
export function engineProcesses(of: RigServer): number[] {
  return descendants(of.process.pid!, join('dist', 'engine', 'main.cjs'));
}
