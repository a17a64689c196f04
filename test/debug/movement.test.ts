import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Configuration, DebugDriver } from '../support/debugDriver';
import { debugFixture, lineOf, loopScript } from '../support/debugScripts';

const { open, write } = debugFixture();
const script = write('loop.py', loopScript);

const forward = lineOf('output = network(inputs)');
const backward = lineOf('loss.backward()');
const step = lineOf('optimizer.step()');
const schedulerStep = lineOf('scheduler.step()');

async function at(line: number, more: Configuration = {}): Promise<DebugDriver> {
  const driver = open();
  const rest = await driver.launch(script, {}, { ...more, lines: [{ line }] });
  assert.equal(rest?.reason, 'breakpoint');
  await driver.setLines([]);
  return driver;
}

async function place(driver: DebugDriver): Promise<string> {
  const frames = await driver.frames();
  return frames.map(({ name, line }) => `${name}:${line}`).join(' < ');
}

/** Of the innermost frame. */
async function scopeReference(driver: DebugDriver, scope: string): Promise<number> {
  const frameId = (await driver.frames())[0]!.id;
  const { scopes } = (await driver.client.scopesRequest({ frameId })).body;
  return scopes.find(({ name }) => name.startsWith(scope))!.variablesReference;
}

describe('stepping', () => {
  test('over a phase goes to the next statement', async () => {
    const driver = await at(forward);
    const lines: number[] = [];
    for (let i = 0; i < 6; i++) {
      await driver.move('next');
      lines.push(await driver.line());
    }
    assert.deepEqual(lines, [forward + 1, backward, step, schedulerStep, schedulerStep + 1, schedulerStep + 2]);
  });

  test('into a forward goes through its statements and its layers, and out of it', async () => {
    const driver = await at(forward);
    const first = lineOf('hidden = self.first(x)');
    const places: string[] = [];
    for (let i = 0; i < 4; i++) {
      await driver.move('stepIn');
      places.push((await place(driver)).split(' < ')[0]!);
    }
    assert.deepEqual(places, [
      `forward:${first}`,
      `first (Linear):${lineOf('self.first =')}`,
      `forward:${first + 1}`,
      `relu (ReLU):${lineOf('self.relu =')}`,
    ]);
    assert.equal((await driver.frames()).at(-1)!.name, '<module>');
    await driver.move('stepOut');
    await driver.move('stepOut');
    assert.equal(await place(driver), `<module>:${forward + 1}`);
  });

  test("a layer's frame has its input, output and parameters", async () => {
    const driver = await at(forward);
    await driver.move('stepIn');
    await driver.move('stepIn');
    const frameId = (await driver.frames())[0]!.id;
    const { scopes } = (await driver.client.scopesRequest({ frameId })).body;
    const names = (await driver.children(scopes[0]!.variablesReference)).map(({ name }) => name);
    for (const wanted of ['input', 'output', 'weight', 'bias']) {
      assert.ok(
        names.some((name) => name.includes(wanted)),
        `${wanted} among ${names.join()}`,
      );
    }
  });

  test('into a backward goes layer by layer, last first', async () => {
    const driver = await at(backward);
    const names: string[] = [];
    for (let i = 0; i < 3; i++) {
      await driver.move('stepIn');
      names.push((await driver.frames()).map(({ name }) => name).join(' < '));
    }
    assert.deepEqual(names, [
      'last (Linear) < backward < <module>',
      'relu (ReLU) < backward < <module>',
      'first (Linear) < backward < <module>',
    ]);
    await driver.move('stepOut');
    assert.equal(await place(driver), `<module>:${step}`);
  });

  test("into an optimizer's step goes parameter by parameter", async () => {
    const driver = await at(step);
    const names: string[] = [];
    for (let i = 0; i < 4; i++) {
      await driver.move('stepIn');
      const frames = await driver.frames();
      assert.equal(frames.length, 3);
      names.push(frames[0]!.name);
    }
    assert.deepEqual(names, ['first.weight', 'first.bias', 'last.weight', 'last.bias']);
    await driver.move('next');
    assert.equal(await place(driver), `<module>:${schedulerStep}`);
  });

  test('into a function of the script and out of it', async () => {
    const driver = await at(lineOf('total = double(epoch)'));
    await driver.move('stepIn');
    assert.equal((await driver.frames())[0]!.name, 'double');
    await driver.move('stepOut');
    assert.equal(await place(driver), `<module>:${lineOf("print('epoch'")}`);
  });

  test('with a step the script may end', async () => {
    const driver = await at(lineOf("print('done')"));
    assert.equal(await driver.move('next'), null);
    assert.match(driver.output('stdout'), /done\n$/);
  });
});

describe('going back', () => {
  test('steps back through what was stepped, with the values of then', async () => {
    const driver = await at(forward);
    const values = async (): Promise<string> =>
      [
        await driver.line(),
        await driver.evaluate('network.last.weight.double().sum().item()'),
        await driver.evaluate('network.last.weight.grad is None'),
        await driver.evaluate("optimizer.param_groups[0]['lr']"),
      ].join();
    const seen = [await values()];
    for (let i = 0; i < 5; i++) {
      await driver.move('next');
      seen.push(await values());
    }
    for (const expected of seen.slice(0, -1).reverse()) {
      const rest = await driver.move('stepBack');
      assert.match(rest?.description ?? '', /^REPLAY/);
      assert.equal(await values(), expected);
    }
    for (const expected of seen.slice(1)) {
      await driver.move('next');
      assert.equal(await values(), expected);
    }
    await driver.move('next');
    assert.equal(await driver.line(), lineOf("print('epoch'"));
  });

  test('in reverse to the breakpoint before, then to the beginning', async () => {
    const driver = open();
    await driver.launch(script, {}, { lines: [{ line: step }] });
    await driver.move('continue');
    assert.equal(await driver.evaluate('epoch'), '1');
    const back = await driver.move('reverseContinue');
    assert.match(back?.description ?? '', /^REPLAY · event \d+ · Paused on breakpoint/);
    assert.equal(await driver.line(), step);
    assert.equal(await driver.evaluate('epoch'), '0');
    await driver.move('reverseContinue');
    assert.equal(await driver.line(), 1);
    const forth = await driver.move('continue');
    assert.match(forth?.description ?? '', /^REPLAY/);
    assert.equal(await driver.evaluate('epoch'), '0');
    const last = await driver.move('continue');
    assert.equal(last?.description, 'Paused on breakpoint');
    assert.equal(await driver.evaluate('epoch'), '1');
  });

  test('restarts a frame at its first line', async () => {
    const driver = await at(lineOf('return self.last(hidden)'));
    const [inner] = await driver.frames();
    await driver.move('restartFrame', { frameId: inner!.id });
    assert.equal(await driver.line(), lineOf('hidden = self.first(x)'));
  });

  test('restarts a phase at the statement that it is in', async () => {
    const driver = await at(backward);
    const weight = 'network.last.weight.grad is None';
    await driver.move('stepIn');
    await driver.move('stepIn');
    const phase = (await driver.frames())[1]!;
    assert.equal(phase.name, 'backward');
    await driver.move('restartFrame', { frameId: phase.id });
    assert.equal(await place(driver), `<module>:${backward}`);
    assert.equal(await driver.evaluate(weight), 'True');
    await driver.move('next');
    assert.equal(await driver.evaluate(weight), 'False');
  });

  test('restarts the script, with the text of now, at the breakpoints', async () => {
    const driver = open();
    await driver.launch(script, {}, { lines: [{ line: step }] });
    await driver.move('continue');
    driver.surroundings.change(driver.program, loopScript.replace('lr=0.1', 'lr=0.025'));
    const rest = await driver.move('restart', {});
    assert.equal(rest?.reason, 'breakpoint');
    assert.equal(await driver.evaluate('epoch'), '0');
    assert.equal(await driver.evaluate("optimizer.param_groups[0]['lr']"), '0.025');
  });
});

describe('changing values', () => {
  test('of a local', async () => {
    const driver = await at(lineOf('return result'));
    const locals = await driver.scope('Locals');
    assert.ok(locals.some(({ name }) => name === 'result'));
    const reference = await scopeReference(driver, 'Locals');
    await driver.children(reference);
    const change = { variablesReference: reference, name: 'result', value: '40 + 2' };
    assert.equal((await driver.client.setVariableRequest(change)).body.value, '42');
    await driver.move('stepOut');
    assert.equal(await driver.evaluate('total'), '42');
  });

  test('in the past cuts off what came after it, when that is confirmed', async () => {
    const driver = await at(lineOf('return result'));
    await driver.move('stepOut');
    await driver.move('next');
    const head = driver.engine.state!.debug!.lastMoment;
    await driver.move('stepBack');
    await driver.move('stepBack');
    assert.equal(await driver.line(), lineOf('total = double(epoch)'));
    const reference = await scopeReference(driver, 'Globals');
    await driver.children(reference);
    const change = { variablesReference: reference, name: 'epoch', value: '10' };
    driver.surroundings.agrees = false;
    await assert.rejects(driver.client.setVariableRequest(change), /nothing was changed/);
    assert.equal(driver.engine.state!.debug!.lastMoment, head);
    driver.surroundings.agrees = true;
    assert.equal((await driver.client.setVariableRequest(change)).body.value, '10');
    // It was run up to the breakpoint and is stepped there now: more is numbered.
    assert.ok(await driver.nextRest());
    assert.equal(driver.surroundings.questions.length, 2);
    assert.equal(await driver.line(), lineOf('total = double(epoch)'));
    await driver.move('next');
    assert.equal(await driver.evaluate('total'), '20');
  });

  test('in the past keeps the parameters of the steps before, and a step into the next goes through its own', async () => {
    const driver = open();
    await driver.launch(script, {}, { lines: [{ line: schedulerStep, condition: 'epoch == 1' }] });
    await driver.move('stepBack');
    assert.equal(await driver.line(), step);
    const variablesReference = await scopeReference(driver, 'Globals');
    await driver.children(variablesReference);
    const before = driver.engine.state!.debug!.moment;
    await driver.client.setVariableRequest({ variablesReference, name: 'total', value: '10' });
    const { moment } = driver.engine.state!.debug!;
    if (moment !== before) assert.ok(await driver.nextRest());
    const parameters = ['first.weight', 'first.bias', 'last.weight', 'last.bias'];
    const moments = await driver.engine.ask('moments', { from: 0, count: moment });
    assert.deepEqual(
      moments.filter(({ kind }) => kind === 'parameter').map(({ name }) => name),
      parameters,
    );
    for (const name of parameters) {
      await driver.move('stepIn');
      assert.equal((await driver.frames())[0]!.name, name);
    }
  });

  test('of the script between two events leaves the event before as it was', async () => {
    const decaying = loopScript.replace(
      "    print('epoch'",
      "    optimizer.param_groups[0]['lr'] *= 0.5\n    print('epoch'",
    );
    const driver = open();
    await driver.launch(write('decaying.py', decaying), {}, { lines: [{ line: lineOf("print('epoch'", decaying) }] });
    const rates = (): readonly number[] => driver.engine.state!.event!.lr;
    assert.deepEqual(rates(), [0.1]);
    await driver.evaluate('total = 7', { context: 'repl' });
    assert.deepEqual(rates(), [0.1]);
    await driver.evaluate("optimizer.param_groups[0]['lr'] = 0.25", { context: 'repl' });
    assert.deepEqual(rates(), [0.25]);
  });

  test('in the debug console is seen when the script comes back there', async () => {
    const driver = await at(lineOf('return result'));
    await driver.evaluate('value = 21', { context: 'repl', frame: 0 });
    await driver.move('stepOut');
    await driver.move('stepBack');
    await driver.move('stepIn');
    await driver.move('stepIn');
    assert.equal(await driver.line(), lineOf('return result'));
    assert.equal(await driver.evaluate('value', { frame: 0 }), '21');
  });

  test("of a tensor's element and of a learning rate, which the next step takes", async () => {
    const driver = await at(step);
    const [network] = await driver.scope('Model');
    const last = (await driver.children(network!.variablesReference)).find(({ name }) => name === 'last')!;
    const weight = (await driver.children(last.variablesReference)).find(({ name }) => name === 'weight')!;
    const rows = await driver.children(weight.variablesReference);
    const row = rows.find(({ name }) => name === '1')!;
    assert.match(row.value, /^float32 \[8\] · min /);
    await driver.children(row.variablesReference);
    const set = async (variablesReference: number, name: string, value: string): Promise<string> =>
      (await driver.client.setVariableRequest({ variablesReference, name, value })).body.value;
    assert.equal(await set(row.variablesReference, '3', '0.75'), '0.75');
    const element = 'network.last.weight[1, 3].item()';
    assert.equal(await driver.evaluate(element), '0.75');
    const [optimizer] = await driver.scope('Optimizer');
    const group = (await driver.children(optimizer!.variablesReference)).find(({ name }) => name === 'group 0')!;
    const rate = (await driver.children(group.variablesReference)).find(({ name }) => name === 'lr')!;
    assert.equal(rate.value, '0.1');
    await assert.rejects(set(group.variablesReference, 'lr', '0.1 +'), /SyntaxError/);
    assert.equal(await set(group.variablesReference, 'lr', '0'), '0');
    await driver.move('next');
    assert.equal(await driver.evaluate(element), '0.75');
    assert.match((await driver.scope('Optimizer'))[0]!.value, /lr 0\b/);
  });

  test('of what is only shown is refused', async () => {
    const driver = await at(schedulerStep);
    const schedule = await driver.scope('Schedule');
    assert.match(schedule[0]!.value, /StepLR/);
    const variablesReference = await scopeReference(driver, 'Event');
    const [phase] = await driver.children(variablesReference);
    const change = driver.client.setVariableRequest({ variablesReference, name: phase!.name, value: '1' });
    await assert.rejects(change, /can't be set/);
  });

  test('by an expression, and by a statement in the debug console', async () => {
    const driver = await at(step);
    const frameId = (await driver.frames())[0]!.id;
    const lr = "optimizer.param_groups[0]['lr']";
    const set = (await driver.client.customRequest('setExpression', { expression: lr, value: '0.5', frameId })).body;
    assert.equal(set.value, '0.5');
    await driver.evaluate('extra = epoch + 7', { context: 'repl' });
    assert.equal(await driver.evaluate('extra'), '7');
    await driver.move('next');
    assert.equal(await driver.evaluate(lr), '0.5');
  });
});

describe('evaluating', () => {
  test('gives values of the frame, and errors as Python words them', async () => {
    const driver = await at(step);
    assert.equal(await driver.evaluate('[epoch, len(targets)]', { context: 'hover' }), '[0, 6]');
    await assert.rejects(driver.evaluate('nothing'), /NameError: name 'nothing' is not defined/);
    await assert.rejects(driver.evaluate('1 +'), /SyntaxError|invalid syntax/);
  });

  test('in hovers and watches changes nothing', async () => {
    const driver = await at(step);
    const weight = 'network.last.weight.sum().item()';
    const value = await driver.evaluate(weight);
    const { seed } = { seed: await driver.evaluate('torch.initial_seed()') };
    for (const expression of ['epoch := 5', 'optimizer.step()', 'network.zero_grad()', 'torch.manual_seed(3)']) {
      await driver.evaluate(expression).catch(() => null);
    }
    assert.equal(await driver.evaluate('epoch'), '0');
    assert.equal(await driver.evaluate(weight), value);
    assert.equal(await driver.evaluate('torch.initial_seed()'), seed);
    assert.equal(await driver.evaluate('network.last.weight.grad is None'), 'False');
  });

  test('a frame of a former rest is refused', async () => {
    const driver = await at(step);
    const frameId = (await driver.frames())[0]!.id;
    await driver.move('next');
    await assert.rejects(driver.client.evaluateRequest({ expression: 'epoch', frameId }), /moved on/);
  });

  test('completes names and members', async () => {
    const driver = await at(step);
    const frameId = (await driver.frames())[0]!.id;
    const complete = async (text: string): Promise<string[]> =>
      (await driver.client.completionsRequest({ text, column: text.length + 1, frameId })).body.targets.map(
        ({ label }) => label,
      );
    assert.ok((await complete('netw')).includes('network'));
    assert.ok((await complete('network.la')).includes('last'));
    assert.ok((await complete('x = optimizer.ze')).some((label) => label.startsWith('zero_grad')));
  });
});

describe('variables', () => {
  test('tensors show what they are first, and their elements page by page', async () => {
    const driver = await at(step);
    const frameId = (await driver.frames())[0]!.id;
    const big = (await driver.client.evaluateRequest({ expression: 'torch.zeros(5000)', frameId })).body;
    assert.match(big.result, /float32.*5000/);
    assert.ok(big.result.length < 200);
    assert.equal(big.indexedVariables, 5000);
    const page = { variablesReference: big.variablesReference, filter: 'indexed' as const, start: 4000, count: 10 };
    const elements = (await driver.client.variablesRequest(page)).body.variables;
    assert.equal(elements.length, 10);
    assert.match(elements[0]!.name, /4000/);
  });

  test('every scope has what its name says', async () => {
    const driver = await at(schedulerStep);
    const names = async (scope: string): Promise<string> =>
      (await driver.scope(scope)).map(({ name }) => name).join(' ');
    assert.match(await names('Model'), /network|first/);
    assert.match(await names('Gradients'), /first\.weight/);
    assert.match(await names('Optimizer'), /optimizer|lr|group/);
    assert.ok((await names('Schedule')).length > 0);
    assert.ok((await names('Event')).length > 0);
  });
});

test('of moments that lie too far back the tensors are shown, and the variables said to be gone', async () => {
  const long = write(
    'long.py',
    'import torch\nw = torch.zeros(1, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=1.0)\n' +
      '(w + 1).sum().backward()\noptimizer.step()\ntotal = 0\nfor i in range(5000):\n    total += i\nprint(total)\n',
  );
  const driver = open();
  await driver.launch(long, {}, { lines: [{ line: 9 }] });
  await driver.engine.moveTo(0);
  assert.ok(await driver.nextRest());
  assert.match((await driver.scope('Globals'))[0]!.value, /no longer kept/);
  await assert.rejects(driver.evaluate('total'), /no longer kept/);
  assert.ok((await driver.scope('Event')).some(({ name, value }) => name === 'w.grad' && /None → norm 1/.test(value)));
});

describe('running', () => {
  const endless = write('endless.py', 'count = 0\nwhile True:\n    count += 1\n');

  test('is paused, and goes on', async () => {
    const driver = open();
    const first = await driver.launch(endless, { stopOnEntry: true });
    assert.equal(first?.reason, 'entry');
    await driver.client.continueRequest({ threadId: 1 });
    await assert.rejects(driver.client.nextRequest({ threadId: 1 }), /is running/);
    const rest = await driver.move('pause');
    assert.equal(rest?.reason, 'pause');
    const count = Number(await driver.evaluate('count'));
    await driver.move('next');
    await driver.move('next');
    assert.equal(Number(await driver.evaluate('count')), count + 1);
  });

  test('is terminated', async () => {
    const driver = open();
    await driver.launch(endless, { stopOnEntry: true });
    await driver.client.continueRequest({ threadId: 1 });
    assert.equal(await driver.move('terminate', {}), null);
  });

  test('is restarted from the beginning', async () => {
    const driver = open();
    await driver.launch(endless, { stopOnEntry: true });
    await driver.client.continueRequest({ threadId: 1 });
    const rest = await driver.move('restart', {});
    assert.equal(rest?.reason, 'entry');
    assert.equal(await driver.line(), 1);
  });

  test('without debugging prints and ends', async () => {
    const driver = open();
    assert.equal(await driver.launch(script, { noDebug: true }, { lines: [{ line: step }] }), null);
    assert.match(driver.output('stdout'), /epoch 3 6\ndone\n$/);
  });

  test('what the preflight refuses never starts', async () => {
    const driver = open();
    assert.equal(await driver.launch(write('unknown.py', 'import torch\ntorch.frobnicate(3)\n')), null);
    assert.match(driver.output('stderr'), /unknown\.py:2:\d+: .*frobnicate/);
    assert.equal(driver.events.find(({ event }) => event === 'exited')?.body.exitCode, 2);
  });
});

describe('with the panel on the same engine', () => {
  test("the panel's moves and runs are shown", async () => {
    const driver = await at(step);
    const { engine } = driver;
    await engine.run({ kind: 'iterations', count: 1 });
    const ran = await driver.nextRest();
    assert.ok(ran);
    assert.equal(await driver.evaluate('epoch'), '1');
    await engine.moveTo(0);
    const moved = await driver.nextRest();
    assert.equal(moved?.description, 'REPLAY · event 0');
    assert.equal((await driver.frames())[0]!.line, lineOf('optimizer.zero_grad()'));
    const before = driver.events.length;
    await engine.moveTo(engine.state!.head);
    assert.ok(await driver.nextRest());
    assert.ok(driver.events.length > before);
  });
});
