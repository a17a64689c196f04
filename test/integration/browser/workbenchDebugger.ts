import type { Locator, Page } from 'playwright-core';
import type { Workbench } from './workbench';

/** Where the workbench shows that the script stands. */
export interface ShownPlace {
  /** The call stack's frames, innermost first, as `name:line`. */
  frames: string[];
  /** The line that the editor highlights; null where it highlights none. */
  line: number | null;
}

type ToolbarButton =
  'continue' | 'step-over' | 'step-into' | 'step-out' | 'step-back' | 'reverse-continue' | 'restart' | 'stop';

const patience = 120_000;

/** The highlighted line is found by its height: the editor draws only what can be seen. */
const shownPlace = `(() => {
  const top = (element) => Math.round(element.getBoundingClientRect().top);
  const text = (element, selector) => element.querySelector(selector)?.innerText ?? '';
  const frames = [...document.querySelectorAll('.debug-call-stack .stack-frame')].map(
    (frame) => text(frame, '.label') + ':' + text(frame, '.line-number').split(':')[0],
  );
  const mark = document.querySelector('.debug-top-stack-frame-line, .debug-focused-stack-frame-line');
  const numbers = [...document.querySelectorAll('.margin-view-overlays .line-numbers')];
  const number = mark && numbers.find((one) => top(one) === top(mark));
  return { frames, line: number ? Number(number.innerText) : null };
})()`;

/** VS Code's own debug views: what a person does with them, and sees in them. English. */
export class WorkbenchDebugger {
  constructor(private readonly workbench: Workbench) {}

  private get page(): Page {
    return this.workbench.page;
  }

  /** Shows the debug views, and of them only what is looked at. */
  async open(): Promise<void> {
    await this.workbench.command('View: Show Run and Debug');
    await this.page.locator('[id="workbench.view.debug"]').waitFor();
  }

  /** Clicks beside a line of the script. */
  async toggleBreakpoint(line: number): Promise<void> {
    const number = this.page.locator('.margin-view-overlays .line-numbers', { hasText: new RegExp(`^${line}$`) });
    const box = (await number.boundingBox())!;
    const glyphs = this.page.locator('.monaco-editor .glyph-margin').first();
    const { x, width } = (await glyphs.boundingBox())!;
    const before = await this.breakpointGlyphs.count();
    await this.page.mouse.click(x + width / 2, box.y + box.height / 2);
    await this.until('a breakpoint in the gutter', async () => (await this.breakpointGlyphs.count()) !== before);
  }

  private get breakpointGlyphs(): Locator {
    return this.page.locator(
      '.glyph-margin-widgets .codicon-debug-breakpoint, .glyph-margin-widgets [class*="debug-stackframe"][class*="breakpoint"]',
    );
  }

  /** F5, with the script's editor in front. */
  async start(): Promise<void> {
    await this.page.locator('.monaco-editor .view-line').first().click();
    await this.page.keyboard.press('F5');
    await this.page.locator('.debug-toolbar').waitFor();
  }

  async click(button: ToolbarButton): Promise<void> {
    await this.page.locator(`.debug-toolbar .codicon-debug-${button}`).click();
  }

  /** Ends the session that is active. */
  async stop(): Promise<void> {
    await this.click('stop');
    await this.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
  }

  place(): Promise<ShownPlace> {
    return this.page.evaluate<ShownPlace>(shownPlace);
  }

  /** Waits until the call stack and the editor's highlight show a place. */
  async standsAt(frames: string[], line: number): Promise<void> {
    const wanted = JSON.stringify({ frames, line });
    let shown = '';
    await this.until(
      () => `${wanted}; it shows ${shown}`,
      async () => {
        shown = JSON.stringify(await this.place());
        return shown === wanted;
      },
    );
  }

  /** The rows of the Variables view, as `name = value`. */
  async variables(): Promise<string[]> {
    return this.page.locator('.debug-variables .monaco-list-row').allInnerTexts();
  }

  /** A row of the Variables view; a scope's name or a variable's. */
  variable(name: string): Locator {
    const exact = new RegExp(`^\\s*${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(\\s*=|\\s*$)`);
    return this.page.locator('.debug-variables .monaco-list-row', { hasText: exact }).first();
  }

  async expand(name: string): Promise<void> {
    await this.setExpanded(name, true);
  }

  async collapse(name: string): Promise<void> {
    await this.setExpanded(name, false);
  }

  private async setExpanded(name: string, expanded: boolean): Promise<void> {
    const row = this.variable(name);
    await row.waitFor();
    const isSo = async (): Promise<boolean> => (await row.getAttribute('aria-expanded')) === String(expanded);
    if (await isSo()) return;
    await row.locator('.monaco-tl-twistie').click();
    await this.until(`${name} ${expanded ? 'expanded' : 'collapsed'}`, isSo);
  }

  /** Waits until a variable is shown with a value. */
  async showsVariable(name: string, value: string): Promise<void> {
    let shown = '';
    await this.until(
      () => `${name} = ${value}; it shows ${shown}`,
      async () => {
        shown = (
          await this.variable(name)
            .innerText({ timeout: 5000 })
            .catch(() => '')
        ).replace(/\s+/g, ' ');
        return shown.includes(value);
      },
    );
  }

  /** Ticks an exception filter. */
  async stopOn(filter: string): Promise<void> {
    const row = this.page.locator('.debug-breakpoints .monaco-list-row', { hasText: filter });
    await row.locator('.monaco-checkbox, input[type=checkbox]').first().click();
  }

  async exceptionWidget(): Promise<string> {
    const widget = this.page.locator('.exception-widget');
    await widget.waitFor();
    return widget.innerText();
  }

  async until(what: string | (() => string), condition: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + patience;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
      await this.page.waitForTimeout(50);
    }
  }
}
