import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import { panelTabs, until, type HostTest } from './host';

/* Debug sessions by VS Code's own interface, several at once, with their messages listened to. */

/** Two variables and a step, without data. */
const script = `import torch
weight = torch.tensor([1.0, 2.0], requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.5)
for turn in range(3):
    optimizer.zero_grad()
    loss = (weight * weight).sum()
    loss.backward()
    optimizer.step()
    print(turn)
`;

/** A debug session and what its adapter has told. */
class Session {
  readonly events: DebugProtocol.Event[] = [];
  private seen = 0;

  constructor(readonly session: vscode.DebugSession) {}

  request<T>(command: string, args: object = {}): Promise<T> {
    return Promise.resolve(this.session.customRequest(command, args) as Thenable<T>);
  }

  /** The next time that the script rests. */
  async rest(): Promise<DebugProtocol.StoppedEvent['body']> {
    const stops = (): DebugProtocol.Event[] => this.events.filter(({ event }) => event === 'stopped');
    await until('a rest', () => stops().length > this.seen);
    return stops()[this.seen++]!.body as DebugProtocol.StoppedEvent['body'];
  }

  async move(command: string): Promise<number> {
    await this.request(command, { threadId: 1 });
    await this.rest();
    return this.line();
  }

  async line(): Promise<number> {
    return (await this.frames())[0]!.line;
  }

  frames(): Promise<DebugProtocol.StackFrame[]> {
    return this.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId: 1 }).then(
      ({ stackFrames }) => stackFrames,
    );
  }

  async evaluate(expression: string): Promise<string> {
    const frameId = (await this.frames())[0]!.id;
    const body = { expression, frameId, context: 'watch' };
    return (await this.request<DebugProtocol.EvaluateResponse['body']>('evaluate', body)).result;
  }

  output(): string {
    return this.events
      .filter(({ event }) => event === 'output')
      .map(({ body }) => (body as DebugProtocol.OutputEvent['body']).output)
      .join('');
  }
}

/** Sessions of the test that runs; they and their scripts are gone after it. */
class Debugging {
  private readonly sessions = new Map<string, Session>();
  private readonly disposables: vscode.Disposable[] = [];

  private constructor(private readonly folder: string) {
    const sessionOf = (session: vscode.DebugSession): Session => {
      const known = this.sessions.get(session.id) ?? new Session(session);
      this.sessions.set(session.id, known);
      return known;
    };
    this.disposables.push(
      vscode.debug.registerDebugAdapterTrackerFactory('*', {
        createDebugAdapterTracker: (session) => ({
          onDidSendMessage: (message: DebugProtocol.ProtocolMessage) => {
            if (message.type === 'event') sessionOf(session).events.push(message as DebugProtocol.Event);
          },
        }),
      }),
    );
  }

  static async during(body: (debugging: Debugging) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'gradstep-host-'));
    const debugging = new Debugging(folder);
    try {
      await body(debugging);
    } finally {
      await vscode.debug.stopDebugging();
      await until('no session', () => vscode.debug.activeDebugSession === undefined);
      for (const disposable of debugging.disposables) disposable.dispose();
      await vscode.window.tabGroups.close(panelTabs());
      await rm(folder, { recursive: true });
    }
  }

  write(name: string, text = script): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  async start(configuration: Omit<vscode.DebugConfiguration, 'request'>): Promise<Session> {
    const before = new Set(this.sessions.keys());
    assert.ok(
      await vscode.debug.startDebugging(undefined, {
        request: 'launch',
        ...configuration,
      } as vscode.DebugConfiguration),
    );
    const added = (): Session | undefined => [...this.sessions.values()].find(({ session }) => !before.has(session.id));
    await until('the session', () => added() !== undefined);
    const session = added()!;
    await session.rest();
    return session;
  }

  launch(program: string): Promise<Session> {
    return this.start({ type: 'gradstep', name: 'training', program, stopOnEntry: true });
  }
}

export const debuggingTests: HostTest[] = [
  [
    'a debug session opens the panel beside the script, and both step the same engine',
    () =>
      Debugging.during(async (debugging) => {
        const session = await debugging.launch(debugging.write('one.py'));
        assert.equal(await session.line(), 1);
        await until('the panel', () => panelTabs().length === 1);
        for (const line of [2, 3, 4, 5, 6, 7, 8]) assert.equal(await session.move('next'), line);
        assert.equal(await session.evaluate('weight.grad'), 'float32 [2] · min 2 · max 4 · mean 3');
        // By the panel's command: the optimizer's step.
        await vscode.commands.executeCommand('gradstep.nextPhase');
        await session.rest();
        assert.equal((await session.frames())[0]!.name, 'step');
        assert.equal(await session.evaluate('weight.tolist()'), '[0.0, 0.0]');
        await vscode.commands.executeCommand('gradstep.previousPhase');
        assert.match((await session.rest()).description!, /^REPLAY/);
        assert.equal(await session.evaluate('weight.tolist()'), '[1.0, 2.0]');
      }),
  ],
  [
    'two sessions at once go their own ways, and the panel follows the one that is active',
    () =>
      Debugging.during(async (debugging) => {
        const first = await debugging.launch(debugging.write('first.py'));
        const second = await debugging.launch(debugging.write('second.py', script.replace('[1.0, 2.0]', '[3.0, 4.0]')));
        for (const line of [2, 3, 4]) assert.equal(await first.move('next'), line);
        for (const line of [2, 3]) assert.equal(await second.move('next'), line);
        assert.equal(await first.evaluate('weight.tolist()'), '[1.0, 2.0]');
        assert.equal(await second.evaluate('weight.tolist()'), '[3.0, 4.0]');
        assert.equal(await first.line(), 4);
        assert.equal(panelTabs().length, 1);
        await vscode.debug.stopDebugging(second.session);
        await until('the first alone', () => vscode.debug.activeDebugSession?.id === first.session.id);
        for (const line of [5, 6]) assert.equal(await first.move('next'), line);
      }),
  ],
  [
    'a script that changes while it is debugged is noticed, and a restart takes the new text',
    () =>
      Debugging.during(async (debugging) => {
        const path = debugging.write('edited.py');
        const session = await debugging.launch(path);
        const document = await vscode.workspace.openTextDocument(path);
        const edit = new vscode.WorkspaceEdit();
        edit.replace(document.uri, document.lineAt(2).range, document.lineAt(2).text.replace('lr=0.5', 'lr=0.25'));
        await vscode.workspace.applyEdit(edit);
        await until('the notice', () => /edited\.py has changed/.test(session.output()));
        await document.save();
        await session.request('restart');
        await session.rest();
        for (let i = 0; i < 3; i++) await session.move('next');
        assert.equal(await session.evaluate("optimizer.param_groups[0]['lr']"), '0.25');
      }),
  ],
  [
    'the session of another debugger beside ours is left alone',
    () =>
      Debugging.during(async (debugging) => {
        const path = debugging.write('shared.py');
        await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(path));
        const foreign = await debugging.start({ type: 'foreign', name: 'another', program: path });
        // Values at the ends of the lines are asked for wherever a debugger stops: ours has nothing to say here.
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const asked = (): Promise<string[]> => foreign.request<{ asked: string[] }>('asked').then((body) => body.asked);
        assert.ok((await asked()).includes('stackTrace'));
        assert.ok(!(await asked()).includes('evaluate'), (await asked()).join());
        assert.equal(panelTabs().length, 0);
        const ours = await debugging.launch(path);
        const before = await asked();
        for (const line of [2, 3, 4]) assert.equal(await ours.move('next'), line);
        const moves = (await asked()).slice(before.length).filter((name) => /next|step|continue|evaluate/i.test(name));
        assert.deepEqual(moves, []);
        assert.equal(foreign.events.filter(({ event }) => event === 'continued').length, 0);
        await vscode.debug.stopDebugging(ours.session);
        assert.ok(
          (await foreign.request<DebugProtocol.StackTraceResponse['body']>('stackTrace')).stackFrames.length > 0,
        );
      }),
  ],
];
