import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** A test of the suite that runs inside the extension host. */
export type HostTest = [name: string, body: () => Promise<void>];

const extensionId = 'gradstep.gradstep';

export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(extensionId);
  assert.ok(found, 'the extension is installed');
  return found;
}

export function example(name: string): vscode.Uri {
  return vscode.Uri.file(join(extension().extensionPath, 'examples', name));
}

/** Asks again until the answer is true, for as long as a slow machine may need. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export function panelTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter((tab) => tab.input instanceof vscode.TabInputWebview && tab.input.viewType.includes('gradstep'));
}
