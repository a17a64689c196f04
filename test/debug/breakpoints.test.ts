import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Configuration, DebugDriver, Rest } from '../support/debugDriver';
import { debugFixture, lineOf, loopScript } from '../support/debugScripts';

const { open, write } = debugFixture();
const script = write('loop.py', loopScript);

async function launched(breakpoints: Configuration, program = script): Promise<{ driver: DebugDriver; rest: Rest }> {
  const driver = open();
  const rest = await driver.launch(program, { stopOnEntry: false }, breakpoints);
  return { driver, rest };
}

const backward = lineOf('loss.backward()');
const step = lineOf('optimizer.step()');

describe('breakpoints on lines', () => {
  test('stop before the line, each time it is reached, and say which one it is', async () => {
    const { driver, rest } = await launched({ lines: [{ line: backward }] });
    assert.equal(rest?.reason, 'breakpoint');
    assert.deepEqual(rest.hitBreakpointIds, [driver.breakpoints.lines[0]!.id]);
    for (const epoch of [0, 1, 2, 3]) {
      assert.equal(await driver.line(), backward);
      assert.equal(await driver.evaluate('epoch'), String(epoch));
      const next = await driver.move('continue');
      assert.equal(next === null, epoch === 3);
    }
  });

  test('with a condition stop where it holds, with what it measured', async () => {
    const { driver, rest } = await launched({ lines: [{ line: backward, condition: 'epoch > 1' }] });
    assert.match(rest?.text ?? '', /epoch > 1.*2/);
    assert.equal(await driver.evaluate('epoch'), '2');
  });

  test('a condition may look at tensors', async () => {
    const condition = 'network.last.weight.grad is not None and network.last.weight.grad.norm() > 0';
    const { driver } = await launched({ lines: [{ line: step, condition }] });
    assert.equal(await driver.line(), step);
    assert.equal(await driver.evaluate('epoch'), '0');
  });

  test('with a hit count stop at that hit', async () => {
    const { driver } = await launched({ lines: [{ line: backward, hitCondition: '3' }] });
    assert.equal(await driver.evaluate('epoch'), '2');
    assert.equal(await driver.move('continue'), null);
  });

  test('with a message say it and go on', async () => {
    const message = 'epoch {epoch}, loss {loss.item() > 0}';
    const { driver, rest } = await launched({ lines: [{ line: backward, logMessage: message }] });
    assert.equal(rest, null);
    assert.equal(driver.output('console'), [0, 1, 2, 3].map((epoch) => `epoch ${epoch}, loss True\n`).join(''));
    const said = driver.events.find(({ event, body }) => event === 'output' && body.category === 'console')?.body;
    assert.deepEqual([said.line, said.source.path], [backward, script]);
  });

  test('whose condition fails stop once, and say why', async () => {
    const { driver, rest } = await launched({ lines: [{ line: backward, condition: 'lost.item() > 1' }] });
    assert.match(rest?.text ?? '', /NameError|name 'lost' is not defined/);
    assert.match(driver.output('stderr'), /lost\.item\(\) > 1.*'lost' is not defined/);
    assert.equal(await driver.move('continue'), null);
    assert.equal(driver.output('stderr').match(/'lost' is not defined/g)?.length, 1);
  });

  test('on a line without code move to the next with code, beyond the last line they are refused', async () => {
    const { driver } = await launched({ lines: [{ line: 3 }, { line: 400 }] });
    const [moved, refused] = driver.breakpoints.lines;
    assert.deepEqual([moved!.verified, moved!.line], [true, 4]);
    assert.equal(refused!.verified, false);
    assert.ok(refused!.message);
    assert.equal(await driver.line(), 4);
  });

  test('with a hit condition that is none are refused with what it may be', async () => {
    const { driver } = await launched({ lines: [{ line: backward, hitCondition: 'often' }] });
    assert.equal(driver.breakpoints.lines[0]!.verified, false);
    assert.match(driver.breakpoints.lines[0]!.message!, /number/);
  });

  test('can be set and removed while the script rests', async () => {
    const { driver } = await launched({ lines: [{ line: backward }] });
    await driver.setLines([{ line: step }]);
    await driver.move('continue');
    assert.equal(await driver.line(), step);
    await driver.setLines([]);
    assert.equal(await driver.move('continue'), null);
  });
});

describe('function breakpoints', () => {
  test('stop inside a phase, after it', async () => {
    const { driver, rest } = await launched({ functions: [{ name: 'optimizer.step' }] });
    assert.equal(rest?.reason, 'function breakpoint');
    const [phase, module] = await driver.frames();
    assert.deepEqual([phase!.name, phase!.line, module!.name], ['step', step, '<module>']);
  });

  test('stop at the first line of a function of the script, with a condition of its frame', async () => {
    const { driver, rest } = await launched({ functions: [{ name: 'double', condition: 'value == 2' }] });
    assert.equal(rest?.reason, 'function breakpoint');
    const [inner] = await driver.frames();
    assert.deepEqual([inner!.name, inner!.line], ['double', lineOf('result = value * 2')]);
    assert.equal(await driver.evaluate('value', { frame: 0 }), '2');
  });

  test('of a name that nothing has are refused', async () => {
    const { driver } = await launched({ functions: [{ name: 'optimiser.stop' }] });
    const [breakpoint] = driver.breakpoints.functions;
    assert.equal(breakpoint!.verified, false);
    assert.match(breakpoint!.message!, /optimiser\.stop/);
  });
});

describe('data breakpoints', () => {
  const watched: [string, string, RegExp, string][] = [
    ['a parameter', 'parameter:last.weight', /last\.weight: .*→/, 'step'],
    ['a gradient', 'gradient:last.weight', /last\.weight\.grad: None → /, 'backward'],
    ['a learning rate', 'lr:optimizer:0', /lr.*: 0\.1 → 0\.05/, 'scheduler_step'],
  ];
  for (const [name, dataId, text, phase] of watched) {
    test(`on ${name} stop where it changes, with the old value and the new`, async () => {
      const { driver, rest } = await launched({ data: [{ dataId }] });
      assert.equal(rest?.reason, 'data breakpoint');
      assert.match(rest.text ?? '', text);
      assert.equal((await driver.frames())[0]!.name, phase);
    });
  }

  test('on a variable stop at the statement after its change; the condition is looked at then', async () => {
    const dataId = 'variable:<module>:total';
    const { driver, rest } = await launched({ data: [{ dataId, condition: 'total == 4' }] });
    assert.match(rest?.text ?? '', /total: 2 → 4/);
    assert.equal(await driver.line(), lineOf("print('epoch'"));
  });

  test('what the views show can be watched', async () => {
    const { driver } = await launched({ lines: [{ line: step }] });
    const frameId = (await driver.frames())[0]!.id;
    const info = (await driver.client.dataBreakpointInfoRequest({ name: 'epoch', frameId })).body;
    assert.ok(info.dataId, info.description);
    await driver.setLines([]);
    await driver.client.setDataBreakpointsRequest({ breakpoints: [{ dataId: info.dataId }] });
    const rest = await driver.move('continue');
    assert.match(rest?.text ?? '', /epoch: 0 → 1/);
  });

  test('on what can not be watched are refused', async () => {
    const { driver } = await launched({ data: [{ dataId: 'weather:today' }] });
    assert.equal(driver.breakpoints.data[0]!.verified, false);
    assert.ok(driver.breakpoints.data[0]!.message);
  });
});

const raising = `def fails(value):
    if value > 1:
        raise ValueError('too large: %d' % value)
    return value


for value in range(2):
    try:
        fails(value + 1)
    except ValueError:
        print('caught')
fails(5)
`;

describe('exception filters', () => {
  test('an uncaught exception stops where it is raised, then ends the script as Python does', async () => {
    const program = write('raises.py', raising);
    const { driver, rest } = await launched({ filters: [{ filterId: 'uncaught' }] }, program);
    assert.equal(rest?.reason, 'exception');
    assert.match(rest.text ?? '', /ValueError: too large: 5/);
    assert.equal(await driver.line(), 3);
    assert.equal(await driver.evaluate('value', { frame: 0 }), '5');
    const info = (await driver.client.exceptionInfoRequest({ threadId: 1 })).body;
    assert.deepEqual([info.exceptionId, info.description, info.breakMode], ['ValueError', 'too large: 5', 'unhandled']);
    assert.match(info.details!.stackTrace!, /line 12, in <module>[^]*line 3, in fails/);
    assert.equal(await driver.move('continue'), null);
    assert.equal(
      driver.output('stderr'),
      `Traceback (most recent call last):\n  File "${program}", line 12, in <module>\n    fails(5)\n` +
        `  File "${program}", line 3, in fails\n    raise ValueError('too large: %d' % value)\n` +
        'ValueError: too large: 5\n',
    );
    assert.equal(driver.events.find(({ event }) => event === 'exited')?.body.exitCode, 1);
  });

  test('raised exceptions stop caught or not, of the types that are named', async () => {
    const program = write('raises.py', raising);
    const { driver, rest } = await launched({ filters: [{ filterId: 'raised', condition: 'ValueError' }] }, program);
    assert.match(rest?.text ?? '', /too large: 2/);
    const info = (await driver.client.exceptionInfoRequest({ threadId: 1 })).body;
    assert.equal(info.breakMode, 'always');
    const other = await launched({ filters: [{ filterId: 'raised', condition: 'KeyError' }] }, program);
    assert.equal(other.rest, null);
  });

  test('without a filter nothing stops, and the script fails', async () => {
    const { driver, rest } = await launched({}, write('raises.py', raising));
    assert.equal(rest, null);
    assert.match(driver.output('stdout'), /caught/);
    assert.match(driver.output('stderr'), /ValueError: too large: 5\n$/);
  });

  test('NaN or infinity names the tensor, the operation and how many elements', async () => {
    const spoiled = loopScript.replace('inputs = torch.randn(6, 4)', "inputs = torch.full((6, 4), float('inf'))");
    const { driver, rest } = await launched({ filters: [{ filterId: 'notFinite' }] }, write('nan.py', spoiled));
    assert.equal(rest?.reason, 'exception');
    const info = (await driver.client.exceptionInfoRequest({ threadId: 1 })).body;
    assert.match(info.exceptionId, /NaN|Inf/);
    assert.match(info.description!, /\d+ .*of \d+ elements/);
    assert.equal(await driver.line(), lineOf('output = network(inputs)', spoiled));
  });

  for (const [where, before, after, expected] of [
    [
      'a gradient',
      'loss.backward()',
      '(loss * 0).sqrt().backward()',
      /First made by the gradient of sqrt \(Div, line \d+\)/,
    ],
    [
      "an optimizer's step",
      'lr=0.1',
      "lr=float('inf')",
      /First made by SGD \(Mul, line \d+, whose inputs had it already\)/,
    ],
  ] as const) {
    test(`NaN or infinity that comes about in ${where} names what made it`, async () => {
      const spoiled = loopScript.replace(before, after);
      assert.notEqual(spoiled, loopScript);
      const { driver, rest } = await launched({ filters: [{ filterId: 'notFinite' }] }, write('late.py', spoiled));
      assert.equal(rest?.reason, 'exception');
      assert.match((await driver.client.exceptionInfoRequest({ threadId: 1 })).body.description!, expected);
    });
  }

  test('a filter that needs values steps from the first event on: layers are looked at as well', async () => {
    const spoiled = loopScript.replace('loss.backward()', '(loss * 0).sqrt().backward()');
    const { driver } = await launched({ filters: [{ filterId: 'notFinite' }] }, write('first.py', spoiled));
    const { exceptionId } = (await driver.client.exceptionInfoRequest({ threadId: 1 })).body;
    assert.match(exceptionId, /in the gradient of .*'s output/);
  });

  test('a gradient norm above the limit names it and the largest', async () => {
    const { driver, rest } = await launched({ filters: [{ filterId: 'gradientNorm', condition: '0.001' }] });
    assert.equal(rest?.reason, 'exception');
    assert.equal((await driver.frames())[0]!.name, 'backward');
    const parameters = 'list(network.parameters())';
    const total = await driver.evaluate(`sum((p.grad ** 2).sum().item() for p in ${parameters}) ** 0.5`);
    const shown = Number(/together is ([\d.e-]+);/.exec(rest.text ?? '')?.[1]);
    assert.ok(Math.abs(shown - Number(total)) < 1e-3 * Number(total), `${rest.text}: ${total}`);
  });

  test('a limit that is no number is refused', async () => {
    const { driver } = await launched({ filters: [{ filterId: 'gradientNorm', condition: 'large' }] });
    assert.equal(driver.breakpoints.filters[0]!.verified, false);
    assert.match(driver.breakpoints.filters[0]!.message!, /"large"/);
  });

  test('dead units are counted', async () => {
    const dead = loopScript.replace(
      'self.relu = nn.ReLU()',
      'nn.init.constant_(self.first.bias, -100.0)\n        self.relu = nn.ReLU()',
    );
    const { driver, rest } = await launched({ filters: [{ filterId: 'deadUnits' }] }, write('dead.py', dead));
    assert.match(rest?.text ?? '', /8 of 8 units/);
    assert.equal((await driver.frames())[0]!.name, 'forward');
  });

  test("a check's warning stops with its words", async () => {
    const forgetful = loopScript.replace('    optimizer.zero_grad()\n', '');
    const { rest } = await launched({ filters: [{ filterId: 'check' }] }, write('forgetful.py', forgetful));
    assert.equal(rest?.reason, 'exception');
    assert.match(rest.text ?? '', /zero_grad/);
  });
});
