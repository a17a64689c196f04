import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { debuggingTests } from './debugging';
import { example, extension, panelTabs, until, type HostTest } from './host';

/* Runs inside the extension host: the same module for @vscode/test-electron and for the VS Code server. */

const tests: HostTest[] = [];

tests.push([
  'activates fast, and not before it is needed',
  async () => {
    assert.equal(extension().isActive, false);
    const begun = performance.now();
    await extension().activate();
    const took = performance.now() - begun;
    console.log(`    activate() and its module: ${took.toFixed(1)} ms`);
    assert.equal(extension().isActive, true);
  },
]);

tests.push([
  'registers every command of the manifest',
  async () => {
    const manifest = extension().packageJSON as { contributes: { commands: { command: string }[] } };
    const declared = manifest.contributes.commands.map(({ command }) => command);
    const known = await vscode.commands.getCommands(true);
    assert.ok(declared.length >= 15);
    assert.deepEqual(
      declared.filter((command) => !known.includes(command)),
      [],
    );
  },
]);

tests.push([
  'a CodeLens stands above the training loop of a script that imports torch, and of no other',
  async () => {
    const script = await vscode.workspace.openTextDocument(example('01_first_loop.py'));
    let lenses: vscode.CodeLens[] = [];
    await until('the CodeLens', async () => {
      lenses = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', script.uri);
      return lenses.length > 0;
    });
    const loop = script.lineAt(lenses[0]!.range.start.line).text;
    assert.match(loop, /^\s+for image, label in loader:/);
    const other = await vscode.workspace.openTextDocument({ language: 'python', content: 'for i in range(3):\n  i' });
    assert.deepEqual(await vscode.commands.executeCommand('vscode.executeCodeLensProvider', other.uri), []);
  },
]);

tests.push([
  'stepping opens one panel beside the script; closing it ends the session',
  async () => {
    const script = await vscode.workspace.openTextDocument(example('01_first_loop.py'));
    await vscode.window.showTextDocument(script);
    await vscode.commands.executeCommand('gradstep.stepThrough', script.uri);
    await until('the panel', () => panelTabs().length === 1);
    await vscode.commands.executeCommand('gradstep.stepThrough', script.uri);
    assert.equal(panelTabs().length, 1);
    await vscode.window.tabGroups.close(panelTabs());
    await until('no panel', () => panelTabs().length === 0);
  },
]);

tests.push([
  'names of torch that Gradstep does not know become problems at their lines',
  async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder, 'a folder is open');
    const bad = vscode.Uri.joinPath(folder, 'bad.py');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(bad));
    await vscode.commands.executeCommand('gradstep.stepThrough', bad);
    await until('two problems', () => vscode.languages.getDiagnostics(bad).length === 2);
    const problems = vscode.languages.getDiagnostics(bad);
    assert.deepEqual(
      problems.map(({ range }) => range.start.line + 1),
      [4, 5],
    );
    assert.match(problems[0]!.message, /TransformerDecoderLayer/);
    await vscode.window.tabGroups.close(panelTabs());
  },
]);

tests.push(...debuggingTests);

/** The contract of VS Code's test runners. */
export async function run(): Promise<void> {
  const failures: string[] = [];
  for (const [name, body] of tests) {
    try {
      await body();
      console.log(`  ok: ${name}`);
    } catch (error) {
      failures.push(name);
      console.error(`  FAILED: ${name}\n${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(`${failures.length} of ${tests.length} failed: ${failures.join('; ')}`);
}
