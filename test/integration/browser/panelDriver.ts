import type { FrameLocator, Locator } from 'playwright-core';
import type { Workbench } from './workbench';

/** The phases of script 01 in its order. */
const pattern = ['forward', 'loss', 'zero_grad', 'backward', 'step'];

/** What a person does with the panel, and sees in it. English. */
export class PanelDriver {
  private constructor(readonly workbench: Workbench) {}

  /** Waits for the panel's first picture. */
  static async of(workbench: Workbench): Promise<PanelDriver> {
    const driver = new PanelDriver(workbench);
    await driver.panel.locator('.caption').waitFor();
    return driver;
  }

  get panel(): FrameLocator {
    return this.workbench.panel;
  }

  async text(): Promise<string> {
    return this.panel.locator('body').innerText();
  }

  async caption(): Promise<string> {
    return this.panel.locator('.caption').innerText();
  }

  /** Everything that the panel says has this in it. */
  async waitForText(text: string): Promise<void> {
    await this.panel.getByText(text).first().waitFor();
  }

  /** The event of script 01 that is shown, from the rail and the iteration beside it; -1 before the first. */
  async event(): Promise<number> {
    const frame = await this.workbench.panelFrame();
    const [phase, place] = await frame.evaluate<[string, string]>(
      `[document.querySelector('.stop-button[aria-current=step]')?.innerText.trim() ?? '',
        document.querySelector('.place')?.innerText ?? '']`,
    );
    const iteration = /iteration (\d+)/.exec(place)?.[1];
    const position = pattern.indexOf(phase);
    return iteration === undefined || position < 0 ? -1 : (Number(iteration) - 1) * pattern.length + position;
  }

  /** Waits until this event is shown and nothing runs. */
  async showsEvent(event: number): Promise<void> {
    await this.until(`event ${event}`, async () => (await this.event()) === event && (await this.rests()));
  }

  async restsAfter(event: number): Promise<void> {
    await this.until(`rest after event ${event}`, async () => (await this.event()) > event && (await this.rests()));
  }

  private async rests(): Promise<boolean> {
    return (await this.panel.locator('.activity.on').count()) === 0;
  }

  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 120_000;
    while (!(await condition())) {
      if (Date.now() > end) {
        const text = await this.text().catch(() => 'nothing');
        throw new Error(`waited in vain for ${what}; the panel says:\n${text}`);
      }
      await this.workbench.page.waitForTimeout(25);
    }
  }

  /** From wherever the script stands to an event ahead, by the Next button. */
  async toEvent(event: number): Promise<void> {
    await this.until('rest', () => this.rests());
    while ((await this.event()) < event) await this.clickNext();
  }

  async clickNext(): Promise<void> {
    const from = await this.event();
    await this.panel.locator('.next-button:not([disabled])').click();
    await this.restsAfter(from);
  }

  /** Presses a key in the panel and waits for each press to show. */
  async press(key: string, times: number): Promise<void> {
    await this.panel.locator('.caption').click();
    for (let i = 0; i < times; i++) {
      const from = await this.event();
      await this.workbench.page.keyboard.press(key);
      await this.until(`another event than ${from} after ${key}`, async () => {
        return (await this.event()) !== from && (await this.rests());
      });
    }
  }

  /** The text of each row, its cells apart by tabs. */
  async parameterRows(): Promise<string[]> {
    const row = this.panel.locator('tr[data-parameter]');
    await row.first().waitFor();
    await this.until('the norms', async () => !(await row.allInnerTexts()).some((text) => text.includes('…')));
    return row.allInnerTexts();
  }

  /** A text shows a number when one of its words is within the rounding of four digits. */
  hasNumber(text: string, value: number): boolean {
    const numbers = text.split(/[\s\t]+/).map((word) => Number(word.replace('\u2212', '-')));
    return numbers.some((shown) => Math.abs(shown - value) <= Math.abs(value) * 6e-4);
  }

  /** Waits until a parameter's row shows a number. */
  async waitForRow(parameter: string, value: number): Promise<void> {
    const row = this.panel.locator(`tr[data-parameter="${parameter}"]`);
    await this.until(`${value} in the row of ${parameter}`, async () => this.hasNumber(await row.innerText(), value));
  }

  /** The text of a section. */
  async section(id: string): Promise<string> {
    return this.panel.locator(`section[data-section="${id}"]`).innerText();
  }

  async openParameter(name: string): Promise<void> {
    await this.panel.locator(`tr[data-parameter="${name}"]`).click();
    await this.panel.locator('canvas').first().waitFor();
  }

  async closeParameter(): Promise<void> {
    const page = this.panel.locator('section[data-section="parameterPage"]');
    await page.getByRole('button', { name: 'Close this parameter’s page' }).click();
    await page.waitFor({ state: 'detached' });
  }

  /** Chooses an element on the open page and reads it from the table. */
  async elementValue(index: readonly number[]): Promise<number> {
    const page = this.panel.locator('section[data-section="parameterPage"]');
    await this.enter(page.locator('.element-index input'), index.join(', '));
    await page.locator('.chosen-element code', { hasText: `[${index.join(', ')}]` }).waitFor();
    await page.getByText('Table', { exact: true }).click();
    const cell = page.locator('td[aria-selected=true]');
    await this.until('the value of the element', async () => /\d/.test(await cell.innerText()));
    return Number((await cell.innerText()).replace('\u2212', '-'));
  }

  /** Sets the element that is chosen on the open page. */
  async setElement(value: number): Promise<void> {
    await this.enter(this.panel.locator('.element-value input'), String(value));
  }

  /** Sets an optimizer's setting in its place in the section of the learning rate. */
  async setHyperparameter(name: string, value: number): Promise<void> {
    const exactly = new RegExp(`^${name}$`);
    const setting = this.panel.locator('.setting', { has: this.panel.locator('dt', { hasText: exactly }) });
    await setting.getByRole('button').click();
    await this.enter(setting.locator('input'), String(value));
    await setting.getByRole('button', { name: String(value) }).waitFor();
  }

  private async enter(field: Locator, text: string): Promise<void> {
    await field.fill(text);
    await field.press('Enter');
  }

  /** The first one with more than one dimension. */
  async openFirstParameter(): Promise<void> {
    await this.panel.locator('tr[data-parameter]').first().click();
    await this.panel.locator('canvas').first().waitFor();
    await this.settle();
  }

  /** Chooses Image, Histogram or Table on the open page, and waits until nothing is awaited there. */
  async chooseView(view: string): Promise<void> {
    const page = this.panel.locator('section[data-section="parameterPage"]');
    await page.getByRole('radio', { name: view, exact: true }).click();
    await page.getByRole('radio', { name: view, exact: true, checked: true }).waitFor();
    await this.until(`the ${view}`, async () => !(await page.innerText()).includes('…\n'));
    await this.settle();
  }

  /** Runs to the next event of a phase, a number of times. */
  async runTo(phase: string, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const place = async () => `${await this.panel.locator('.place').allInnerTexts()} ${await this.caption()}`;
      const from = await place();
      await this.panel.locator('.stop-button', { hasText: phase }).first().click();
      await this.until(`the next ${phase}`, async () => (await place()) !== from && (await this.rests()));
    }
  }

  /** Two frames after the panel has come to rest. */
  async settle(): Promise<void> {
    await this.until('rest', () => this.rests());
    const frame = await this.workbench.panelFrame();
    await frame.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  /** How many different colours the picture with the most of them has. */
  async canvasColours(): Promise<number> {
    const frame = await this.workbench.panelFrame();
    let most = 0;
    await this.until('a painted canvas', async () => {
      most = await frame.evaluate<number>(`Math.max(0, ...[...document.querySelectorAll('canvas')].map((canvas) => {
        if (canvas.width === 0 || canvas.height === 0) return 0;
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        return seen.size;
      }))`);
      return most > 4;
    });
    return most;
  }

  /** The engine was killed: the panel says so, and its button brings it back. */
  async recover(): Promise<void> {
    await this.waitForText('The engine stopped unexpectedly');
    await this.panel.getByRole('button', { name: 'Recover' }).click();
  }
}
