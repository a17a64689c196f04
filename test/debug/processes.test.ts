import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { DebugDriver } from '../support/debugDriver';
import { debugFixture, lineOf, loopScript } from '../support/debugScripts';

const server = join(__dirname, '..', 'support', 'debugServer.cjs');
const { write } = debugFixture();
const script = write('loop.py', loopScript);
const spawned: DebugDriver[] = [];

afterEach(async () => {
  for (const driver of spawned.splice(0)) await driver.close();
});

async function spawn(): Promise<DebugDriver> {
  const driver = await DebugDriver.spawn(server);
  spawned.push(driver);
  return driver;
}

/** The processes whose command line has an engine's entry in it and whose parent is this one's child. */
function engines(): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const rows = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter((row) => row !== null);
  const servers = new Set(rows.filter(([, , parent]) => Number(parent) === process.pid).map(([, pid]) => pid));
  return rows.filter(([, , parent, words]) => servers.has(parent!) && words!.includes('engine')).map(([, pid]) => pid!);
}

function isAlive(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a debug adapter on stdin and stdout', { skip: process.platform !== 'linux' }, () => {
  test('two sessions at once step their own scripts', async () => {
    const other = write('other.py', loopScript.replace('range(4)', 'range(7)'));
    const [a, b] = await Promise.all([spawn(), spawn()]);
    const lines = [{ line: lineOf('optimizer.step()') }];
    await Promise.all([a.launch(script, {}, { lines }), b.launch(other, {}, { lines })]);
    for (let epoch = 0; epoch < 4; epoch++) {
      assert.deepEqual(await Promise.all([a.evaluate('epoch'), b.evaluate('epoch')]), [`${epoch}`, `${epoch}`]);
      const [first, second] = await Promise.all([a.move('continue'), b.move('continue')]);
      assert.equal(first === null, epoch === 3);
      assert.equal(second?.reason, 'breakpoint');
    }
    assert.equal(await b.evaluate('epoch'), '4');
  });

  test('disconnecting ends the engine, also while the script runs', async () => {
    const driver = await spawn();
    await driver.launch(write('endless.py', 'while True:\n    pass\n'), { stopOnEntry: true });
    const [engine, ...others] = engines();
    assert.ok(engine !== undefined && others.length === 0);
    await driver.client.continueRequest({ threadId: 1 });
    await driver.client.disconnectRequest({});
    await until(() => !isAlive(engine));
    assert.deepEqual(engines(), []);
  });

  test('an engine that is killed ends the session with a message', async () => {
    const driver = await spawn();
    await driver.launch(script, { stopOnEntry: true });
    const [engine] = engines();
    process.kill(Number(engine), 'SIGKILL');
    assert.equal(await driver.nextRest(), null);
    assert.match(driver.output('important'), /SIGKILL/);
  });
});
