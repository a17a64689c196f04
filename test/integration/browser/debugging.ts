import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PanelDriver } from './panelDriver';
import { takeScreenshot, takeWindow } from './screenshots';
import { goldenEvents, type GoldenEvent } from './scripts';
import { browser, extension, scripts, server } from './stage';
import { Workbench } from './workbench';
import { WorkbenchDebugger } from './workbenchDebugger';

/* VS Code's debugger in the real workbench: the toolbar, the gutter, the call stack, variables and the exception widget. */

const name = '02_official_loop_momentum';
const golden = goldenEvents(name);
const tall = { width: 1600, height: 1500 };

async function openScript(file: string): Promise<Workbench> {
  const target = { folder: scripts, file: join(scripts, file), extensions: [extension] };
  const workbench = await Workbench.open(browser, server, target, tall);
  await workbench.page.locator('.codelens-decoration').first().waitFor();
  return workbench;
}

const watched = 'model.0.weight';

/** As the debugger's views round numbers. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** What the Event scope says of what an event did to a parameter or its gradient. */
function changeText(
  before: GoldenEvent | undefined,
  now: GoldenEvent,
  parameter: string,
): { grad: string; value: string } {
  const norm = (event: GoldenEvent | undefined): string => {
    const grad = event?.params[parameter]?.grad;
    return grad ? `norm ${short(grad.l2)}` : 'None';
  };
  const value = (event: GoldenEvent | undefined): string => `norm ${short(event!.params[parameter]!.l2)}`;
  return { grad: `${norm(before)} → ${norm(now)}`, value: `${value(before ?? now)} → ${value(now)}` };
}

async function panelShows(panel: PanelDriver, { phase, line }: GoldenEvent): Promise<void> {
  await panel.until(`${phase} in line ${line}`, async () => {
    const current = await panel.panel
      .locator('.stop-button[aria-current=step]')
      .innerText({ timeout: 5000 })
      .catch(() => '');
    const place = await panel.panel
      .locator('.place')
      .innerText({ timeout: 5000 })
      .catch(() => '');
    return current.trim() === phase && place.includes(`line ${line}`);
  });
}

describe('debugging script 02', () => {
  let workbench: Workbench;
  let debug: WorkbenchDebugger;
  let panel: PanelDriver;

  before(async () => {
    workbench = await openScript(`${name}.py`);
    debug = new WorkbenchDebugger(workbench);
    await debug.open();
  });

  after(() => workbench.close());

  test('F5 without a launch.json runs to a breakpoint that was set in the gutter', async () => {
    await debug.toggleBreakpoint(golden[0]!.line);
    await debug.start();
    await debug.standsAt([`<module>:${golden[0]!.line}`], golden[0]!.line);
    panel = await PanelDriver.of(workbench);
  });

  test("two iterations by the toolbar: call stack, highlight, variables and panel show PyTorch's numbers", async () => {
    // The list draws what can be seen of it.
    await debug.collapse('Globals');
    for (const [index, event] of golden.slice(0, 10).entries()) {
      await debug.click('step-over');
      // After the last phase of an iteration comes its print, then the loop's line.
      const isLast = event.phase === 'step';
      const line = isLast ? event.line + 1 : golden[index + 1]!.line;
      await debug.standsAt([`<module>:${line}`], line);
      await panelShows(panel, event);
      if (event.phase === 'backward' || event.phase === 'step') {
        const { grad, value } = changeText(golden[index - 1], event, watched);
        await debug.expand('Event');
        if (event.phase === 'backward') await debug.showsVariable(`${watched}.grad`, grad);
        else await debug.showsVariable(watched, value);
      }
      if (!isLast) continue;
      await debug.click('step-over');
      await debug.standsAt([`<module>:${golden[0]!.line - 1}`], golden[0]!.line - 1);
      await debug.click('step-over');
      await debug.standsAt([`<module>:${golden[0]!.line}`], golden[0]!.line);
    }
  });

  test('back by the toolbar shows the past in all of them', async () => {
    await debug.click('step-back');
    await debug.click('step-back');
    const print = golden[9]!.line + 1;
    await debug.standsAt([`<module>:${print}`], print);
    await debug.click('step-back');
    await debug.standsAt([`<module>:${golden[9]!.line}`], golden[9]!.line);
    await panelShows(panel, golden[8]!);
    await workbench.page.locator('.debug-call-stack, .pane-header', { hasText: 'REPLAY · event 8' }).first().waitFor();
    const { grad } = changeText(golden[7], golden[8]!, watched);
    await debug.expand('Event');
    await debug.showsVariable(`${watched}.grad`, grad);
  });

  test('into a backward layer by layer, each in a frame of its own with its place in the script', async () => {
    await debug.click('step-back');
    const { line } = golden[8]!;
    await debug.standsAt([`<module>:${line}`], line);
    await debug.click('step-into');
    const made = 27;
    await debug.standsAt([`model.8 (Linear):${made}`, `backward:${line}`, `<module>:${line}`], made);
    const { shape } = golden[8]!.params['model.8.weight']!;
    await debug.showsVariable('weight', `float32 [${shape.join(', ')}]`);
    await debug.showsVariable('weight.grad', `float32 [${shape.join(', ')}]`);
    await takeWindow(panel, 'debugger');
    await debug.click('step-out');
    await debug.standsAt([`<module>:${golden[9]!.line}`], golden[9]!.line);
  });

  test('the panel moves the debugger', async () => {
    await panel.panel.locator('.next-button:not([disabled])').click();
    await panelShows(panel, golden[9]!);
    // The last event is where the script stands: in front of the third iteration.
    await debug.standsAt([`<module>:${golden[0]!.line}`], golden[0]!.line);
    await panel.panel.locator('.stop-button', { hasText: 'backward' }).waitFor();
  });

  test('stopping leaves the panel with what was recorded', async () => {
    await debug.stop();
    assert.ok((await panel.parameterRows()).length > 0);
    await panel.panel.locator('.caption').waitFor();
  });
});

describe('values in the editor and in the views', () => {
  let workbench: Workbench;
  let debug: WorkbenchDebugger;
  const lossEvent = golden.find(({ phase }) => phase === 'loss')!;
  const stepEvent = golden.find(({ phase }) => phase === 'step')!;

  before(async () => {
    workbench = await openScript(`${name}.py`);
    debug = new WorkbenchDebugger(workbench);
    await debug.open();
    await debug.toggleBreakpoint(stepEvent.line);
    await debug.start();
    await debug.standsAt([`<module>:${stepEvent.line}`], stepEvent.line);
  });

  after(() => workbench.close());

  const lossText = new RegExp(String(lossEvent.loss!.toFixed(4)).slice(0, -1));

  test('at the end of the line that bound it stands its value', async () => {
    await debug.showsInLine('loss = loss_fn', new RegExp(`loss = .*${lossText.source}`));
  });

  test('a hover shows the value of what is pointed at', async () => {
    assert.match(await debug.hover('loss.backward()', 'loss'), lossText);
  });

  test('a watched expression and the debug console give the numbers of PyTorch', async () => {
    const norm = stepEvent.params[watched]!.grad!.l2;
    const text = new RegExp(norm.toPrecision(4).replace('.', '\\.'));
    assert.match(await debug.watch('model.model[0].weight.grad.norm().item()'), text);
    assert.match(await debug.askConsole('model.model[0].weight.grad.norm().item()'), text);
  });

  test('Set Value changes what the script goes on with', async () => {
    await debug.collapse('Globals');
    for (const row of ['Optimizer', 'optimizer', 'group 0']) await debug.expand(row);
    await debug.setValue('lr', '0.0');
    await debug.showsVariable('lr', '0.0');
    await takeScreenshot(workbench, 'debugger-values');
    await debug.click('step-over');
    await debug.standsAt([`<module>:${stepEvent.line + 1}`], stepEvent.line + 1);
    const digits = (event: GoldenEvent): string => String(event.params[watched]!.l2).slice(0, 7);
    assert.notEqual(digits(stepEvent), digits(lossEvent), 'the step would change it');
    const norm = await debug.askConsole('model.model[0].weight.norm().item()');
    assert.ok(norm.startsWith(digits(lossEvent)), norm);
    await debug.stop();
  });
});

describe('the exception widget', () => {
  test('names the tensor that is not finite, the operation and how many elements', async () => {
    const text = readFileSync(join(scripts, 'examples', '01_first_loop.py'), 'utf8');
    const spoiled = text.replace(/lr=[\d.e-]+/, 'lr=1e30');
    assert.notEqual(spoiled, text);
    writeFileSync(join(scripts, 'examples', 'diverging.py'), spoiled);
    const workbench = await openScript('examples/diverging.py');
    const debug = new WorkbenchDebugger(workbench);
    await debug.open();
    await debug.start();
    await debug.until('rest', async () => (await debug.place()).line !== null);
    await debug.stopOn('NaN or Infinity');
    await debug.click('continue');
    const widget = await debug.exceptionWidget();
    assert.match(widget, /(NaN|Inf) in /);
    assert.match(widget, /\d+ .*of \d+ elements/);
    await takeScreenshot(workbench, 'debugger-exception');
    await debug.stop();
    await workbench.close();
  });
});
