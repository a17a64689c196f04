import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandActions, runAction } from './commands/commandActions';
import { followTorchScripts, ScriptCodeLens } from './commands/scriptCodeLens';
import type { StartOptions } from './common/engineContract';
import { EngineClient } from './engine/client';
import { activateDebugging, debugScript } from './debug/activate';
import { commandIds, panelViewType, showPanelCommand, type CommandName } from './ids';
import { EngineLog } from './panel/engineLog';
import { PanelController } from './panel/panelController';

let controller: PanelController | null = null;

/** Puts the parts together. The engine's process starts with the first script, not here. */
export function activate(context: vscode.ExtensionContext): void {
  const log = new EngineLog();
  const store = context.globalStorageUri.fsPath;
  const entry = join(__dirname, 'engine', 'main.cjs');
  const createClient = (wish: StartOptions) => new EngineClient({ entry, store, l10n: vscode.l10n, wish });
  const panels = new PanelController({
    extensionUri: context.extensionUri,
    workspaceState: context.workspaceState,
    createClient,
    log: (message) => log.append(message),
  });
  controller = panels;
  const actions = commandActions({
    extensionUri: context.extensionUri,
    controller: panels,
    showLog: () => log.show(),
    cuda: { entry, store },
    debugScript,
  });
  const register = (id: string, action: (argument: unknown) => Promise<void>) =>
    vscode.commands.registerCommand(id, (argument: unknown) =>
      runAction(
        () => action(argument),
        (message) => log.append(message),
      ),
    );
  context.subscriptions.push(
    log,
    panels,
    ...Object.keys(commandIds).map((name) => register(commandIds[name as CommandName], actions[name as CommandName])),
    register(showPanelCommand, async () => panels.showPanel()),
    vscode.window.registerWebviewPanelSerializer(panelViewType, {
      deserializeWebviewPanel: (panel) => panels.restore(panel),
    }),
    vscode.languages.registerCodeLensProvider({ language: 'python' }, new ScriptCodeLens()),
    followTorchScripts(),
    activateDebugging({ controller: panels, createClient, log: (message) => log.append(message) }),
  );
}

export async function deactivate(): Promise<void> {
  await controller?.flush();
}
