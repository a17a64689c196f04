import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { StartOptions } from '../../src/common/engineContract';
import { EngineClient } from '../../src/engine/client';

/* A change that is made while the script rests does what the same statement does in the script. */

const script = join('test', 'fixtures', 'statements', 'nestedModules.py');
const source = readFileSync(script, 'utf8');
const marker = '    network.train()\n';
const markerLine = source.slice(0, source.indexOf(marker)).split('\n').length;
const assignment = "optimizer.param_groups[0]['lr'] = 0.0625";

/** What a script prints, from its first line to its end. */
async function printed(
  text: string,
  change: Partial<StartOptions>,
  drive: (client: EngineClient) => Promise<void>,
): Promise<string> {
  const client = new EngineClient({ entry: join('dist', 'engine', 'main.cjs') });
  let output = '';
  client.on('output', (piece) => (output += piece.text));
  try {
    await client.start({
      fileName: resolve(script),
      source: text,
      device: 'cpu',
      threads: 1,
      dataFolder: null,
      mode: 'stepping',
      goal: { kind: 'continue' },
      ...change,
    });
    await drive(client);
    assert.equal(client.state?.status, 'finished');
  } finally {
    client.dispose();
  }
  return output;
}

async function goToSecondEpoch(client: EngineClient): Promise<void> {
  const breakpoints = [{ id: 1, line: markerLine, condition: 'epoch == 1' }];
  const [view] = await client.ask('setBreakpoints', { source, breakpoints });
  assert.ok(view?.verified);
  assert.equal((await client.run({ kind: 'continue' })).reason, 'breakpoint');
  assert.equal(client.state?.debug?.line, markerLine);
}

async function goToEnd(client: EngineClient): Promise<void> {
  await client.ask('setBreakpoints', { source, breakpoints: [] });
  assert.equal((await client.run({ kind: 'continue' })).reason, 'finished');
}

async function assign(client: EngineClient): Promise<void> {
  await client.ask('evaluate', { frame: 0, expression: assignment, quiet: false });
}

const debug = { stopOnEntry: true };
const changed = source.replace(marker, `    if epoch == 1:\n        ${assignment}\n${marker}`);

const drives: Readonly<Record<string, (client: EngineClient) => Promise<void>>> = {
  'in the debug console': async (client) => {
    await goToSecondEpoch(client);
    await assign(client);
    await goToEnd(client);
  },
  'and seen from the past': async (client) => {
    await goToSecondEpoch(client);
    await assign(client);
    for (let i = 0; i < 5; i++) await client.ask('goBack', { action: 'step' });
    for (let i = 0; i < 9; i++) await client.run({ kind: 'step', action: 'over' });
    await goToEnd(client);
  },
  'and repeated by a run that another change needs': async (client) => {
    await goToSecondEpoch(client);
    await assign(client);
    for (let i = 0; i < 4; i++) await client.run({ kind: 'step', action: 'over' });
    await client.ask('goBack', { action: 'step' });
    const [frame] = (await client.ask('frames', null)).slice(-1);
    const scopes = await client.ask('scopes', { frame: frame!.index });
    for (const { reference } of scopes.filter(({ kind }) => kind === 'locals' || kind === 'globals')) {
      const found = await client.ask('variables', { reference, filter: null, start: 0, count: 0 });
      if (!found.some(({ name }) => name === 'unused')) continue;
      await client.setVariable({ reference, name: 'unused', value: "'changed'", confirm: true });
      break;
    }
    await goToEnd(client);
  },
};

for (const [title, drive] of Object.entries(drives)) {
  test(`a learning rate that is assigned at a breakpoint is as one assigned by the script: ${title}`, async () => {
    const expected = await printed(changed, {}, () => Promise.resolve());
    assert.notEqual(expected, await printed(source, {}, () => Promise.resolve()));
    assert.equal(await printed(source, { debug }, drive), expected);
  });
}
