import { readdirSync, readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Frame, FrameLocator, Locator, Page } from 'playwright-core';
import type { SavedSession } from '../../../src/panel/sessionMemory';
import { workbenchAddress, type RigServer, type WorkbenchTarget } from '../../../scripts/rig.mjs';

/** Generous, for a slow machine of two cores; nothing waits that long when it works. */
const patience = 120_000;

/** What the browser's databases have of the extension's state and of the open editors. */
const storedState = `(async () => {
  const settled = (request) => new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  const found = { session: '{}', editors: '' };
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web-state-db-')) continue;
    const database = await settled(indexedDB.open(name));
    const items = database.transaction('ItemTable').objectStore('ItemTable');
    found.session = (await settled(items.get('gradstep.gradstep'))) ?? found.session;
    found.editors += (await settled(items.get('memento/workbench.parts.editor'))) ?? '';
    database.close();
  }
  return found;
})()`;

/** A real workbench in Chromium and the panel in it. */
export class Workbench {
  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {}

  static async open(
    browser: Browser,
    server: RigServer,
    target: WorkbenchTarget,
    size = { width: 1600, height: 1000 },
    locale = 'en',
  ): Promise<Workbench> {
    const context = await browser.newContext({ viewport: size, bypassCSP: true });
    context.setDefaultTimeout(patience);
    // As a language pack would set it; the server has none.
    const language = JSON.stringify({ value: locale });
    await context.addInitScript(`Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', ${language})`);
    const page = await context.newPage();
    await page.goto(workbenchAddress(server, target));
    const workbench = new Workbench(page, context);
    await page.locator('.monaco-workbench .statusbar').waitFor();
    if (target.file) await page.locator('.monaco-editor .view-line').first().waitFor();
    return workbench;
  }

  /** As a person reloads the window; the address is the one that it was opened with. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.monaco-workbench .statusbar').waitFor();
  }

  /** Opens a file of the folder from the explorer, in the group of editors that is active. */
  async openFile(name: string): Promise<void> {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
    await this.tab(name).last().waitFor();
    await this.page.locator('.editor-group-container.active .monaco-editor .view-line').first().waitFor();
  }

  /** An editor's tab. */
  tab(label: string): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: label });
  }

  /** Waits until the window has stored a session like this, and that the panel is open. */
  async savedSession(fits: (session: SavedSession) => boolean): Promise<void> {
    for (const end = Date.now() + patience; ;) {
      const { session, editors } = await this.page.evaluate<{ session: string; editors: string }>(storedState);
      const { session: saved } = JSON.parse(session) as { session?: SavedSession };
      if (saved && fits(saved) && editors.includes('gradstep.panel')) return;
      if (Date.now() > end) throw new Error(`The window has stored ${session} and ${editors}.`);
      await this.page.waitForTimeout(50);
    }
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  /** Runs a command by its title from the command palette. */
  async command(title: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    // The palette knows an extension's commands only once the extension has been read.
    for (const end = Date.now() + patience; ;) {
      await this.page.keyboard.press('F1');
      const input = this.page.locator('.quick-input-widget input.input');
      const asked = input.fill(`>${title}`, { timeout: 3000 }).then(() => row.waitFor({ timeout: 3000 }));
      // A palette that something else closes takes no text.
      const found = await asked.then(
        () => true,
        () => false,
      );
      if (found) break;
      if (Date.now() > end) throw new Error(`The command palette has no '${title}'.`);
      await this.page.keyboard.press('Escape');
    }
    await row.click();
  }

  /** Chooses a row of the quick pick that is open. */
  async pick(text: string): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click();
  }

  /** A webview is an iframe in an iframe. */
  get panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview').frameLocator('#active-frame');
  }

  /** The panel's own frame, to run code in. */
  async panelFrame(): Promise<Frame> {
    const element = await this.panel.locator('body').elementHandle();
    const frame = await element?.ownerFrame();
    if (!frame) throw new Error('the panel has no frame');
    return frame;
  }

  /** The element of the panel with this test id. */
  part(id: string): Locator {
    return this.panel.locator(`[data-testid="${id}"]`);
  }
}

/** Process ids of a process's descendants whose command line contains a text. Linux only. */
export function descendants(root: number, commandPart: string): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
      parents.set(Number(name), Number(fields[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (id: number): boolean => {
    for (let at = parents.get(id); at !== undefined && at > 1; at = parents.get(at)) if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter((id) => isBelow(id) && commandLine(id).includes(commandPart));
}

function commandLine(id: number): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
