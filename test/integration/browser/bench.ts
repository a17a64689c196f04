import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launchBrowser, startServer } from '../../../scripts/rig.mjs';
import { PanelDriver } from './panelDriver';
import { makeScriptFolder } from './scripts';
import { Workbench } from './workbench';

/* From a key in the panel to the painted result, in a real workbench, at batch 1 of script 01. */

const presses = 60;

/** Remembers, for each key, the time until the frame after the place or the phase on the rail has changed. */
const stopwatch = `
  window.gradstepTimes = [];
  const shown = () => (document.querySelector('.place')?.textContent ?? '') +
    (document.querySelector('.stop-button[aria-current=step]')?.textContent ?? '');
  let begun = null;
  let before = '';
  addEventListener('keydown', (event) => { begun = event.timeStamp; before = shown(); }, true);
  new MutationObserver(() => {
    if (begun === null || shown() === before) return;
    const since = begun;
    begun = null;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.gradstepTimes.push(performance.now() - since);
      port2.postMessage(null);
    });
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
`;

function report(what: string, times: number[], goal: string): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1);
  console.log(`${what.padEnd(44)} median ${at(0.5).padStart(6)} ms   p95 ${at(0.95).padStart(6)} ms   ${goal}`);
}

const { root, scripts } = makeScriptFolder();
const server = await startServer({ settings: { 'gradstep.device': 'cpu' } });
const browser = await launchBrowser();
try {
  const file = join(scripts, '01_cifar_sgd.py');
  const workbench = await Workbench.open(browser, server, { folder: scripts, file, extensions: [resolve('.')] });
  await workbench.command('Gradstep: Step Through This Script');
  const driver = await PanelDriver.of(workbench);
  await driver.toEvent(0);
  await driver.press('n', 15);
  const frame = await workbench.panelFrame();
  await frame.evaluate(stopwatch);
  const times = async (key: string) => {
    await frame.evaluate('window.gradstepTimes.length = 0');
    await driver.press(key, presses);
    return frame.evaluate<number[]>('window.gradstepTimes');
  };
  report('Next phase, key to painted', await times('n'), 'goal 60 and 120');
  report('Previous phase, key to painted', await times('p'), 'goal 50');
  await workbench.close();
} finally {
  await browser.close();
  await server.stop();
  rmSync(root, { recursive: true, force: true });
}
