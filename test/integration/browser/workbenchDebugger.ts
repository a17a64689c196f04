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

/** The middle of a word in a line of the editor. */
const placeOfWord = `(start, word) => {
  const text = (line) => line.textContent.replaceAll('\\u00a0', ' ').trim();
  const line = [...document.querySelectorAll('.monaco-editor .view-line')].find((one) => text(one).startsWith(start));
  const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const begin = node.textContent.indexOf(word);
    if (begin < 0) continue;
    const range = document.createRange();
    range.setStart(node, begin);
    range.setEnd(node, begin + word.length);
    const { left, width, top, height } = range.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }
  throw new Error('no line begins with ' + start + ' and has ' + word);
}`;

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

  /** The text of a line in the editor, with the values that are shown at its end. */
  async showsInLine(start: string, value: RegExp): Promise<void> {
    const line = this.page.locator('.monaco-editor .view-line', { hasText: start }).first();
    await this.until(`${value} in the line of ${start}`, async () => {
      const text = await line.innerText({ timeout: 5000 }).catch(() => '');
      return value.test(text.replace(/\u00a0/g, ' '));
    });
  }

  /** Points at a word of a line. @returns what is shown then */
  async hover(start: string, word: string): Promise<string> {
    const place = `(${placeOfWord})(${JSON.stringify(start)}, ${JSON.stringify(word)})`;
    const widget = this.page.locator('.debug-hover-widget');
    await this.until(`a hover over ${word}`, async () => {
      const { x, y } = await this.page.evaluate<{ x: number; y: number }>(place);
      await this.page.mouse.move(x - 20, y - 60);
      await this.page.mouse.move(x, y, { steps: 4 });
      return widget.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
    });
    return widget.innerText();
  }

  /** Adds an expression to the Watch view. @returns what it shows */
  async watch(expression: string): Promise<string> {
    const views = this.page.locator('[id="workbench.view.debug"]');
    await views.locator('.pane-header', { hasText: 'Watch' }).hover();
    await views.locator('.codicon-watch-expressions-add').click();
    const box = this.page.locator('.debug-watch input');
    await box.fill(expression);
    await box.press('Enter');
    const row = this.page.locator('.debug-watch .monaco-list-row', { hasText: expression });
    await this.until(`a value of ${expression}`, async () => (await row.innerText()).length > expression.length + 4);
    return row.innerText();
  }

  /** Types into the debug console. @returns what it answers */
  async askConsole(text: string): Promise<string> {
    const answers = this.page.locator('.repl .monaco-list-row');
    const before = await answers.count();
    await this.workbench.command('Debug Console: Focus on Debug Console View');
    await this.page.locator('.repl-input-wrapper .view-lines').click();
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Escape');
    await this.page.keyboard.press('Enter');
    await this.until(`an answer to ${text}`, async () => (await answers.count()) >= before + 2);
    return answers.last().innerText();
  }

  /** Set Value in the Variables view. */
  async setValue(name: string, value: string): Promise<void> {
    await this.variable(name).dblclick();
    const box = this.page.locator('.debug-variables .inputBoxContainer input');
    await box.fill(value);
    await box.press('Enter');
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
