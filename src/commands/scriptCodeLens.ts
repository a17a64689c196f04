import * as vscode from 'vscode';
import { commandIds, contextKeys } from '../ids';
import { findTrainingLoop, importsTorch } from './trainingLoop';

/** Above the training loop of a Python file that imports torch: a click steps through the script. */
export class ScriptCodeLens implements vscode.CodeLensProvider {
  readonly onDidChangeCodeLenses = vscode.workspace.onDidGrantWorkspaceTrust;

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const text = document.getText();
    if (!vscode.workspace.isTrusted || !importsTorch(text)) return [];
    const line = findTrainingLoop(text);
    if (line === null) return [];
    const range = new vscode.Range(line, 0, line, 0);
    return [
      new vscode.CodeLens(range, {
        title: `$(debug-line-by-line)\u2002${vscode.l10n.t('Step through this training')}`,
        tooltip: vscode.l10n.t('Gradstep: one phase at a time, with every gradient and every change'),
        command: commandIds.stepThrough,
        arguments: [document.uri],
      }),
      new vscode.CodeLens(range, {
        title: `$(debug-alt)\u2002${vscode.l10n.t('Debug it')}`,
        tooltip: vscode.l10n.t('Gradstep: statement by statement, with breakpoints and variables'),
        command: commandIds.debugScript,
        arguments: [document.uri],
      }),
    ];
  }
}

/** Tells the menus which of the open scripts import torch. */
export function followTorchScripts(): vscode.Disposable {
  let known = '';
  const update = () => {
    const paths = vscode.workspace.textDocuments
      .filter((document) => document.languageId === 'python' && importsTorch(document.getText()))
      .map(({ uri }) => (uri.scheme === 'file' ? uri.fsPath : uri.path))
      .sort();
    const now = JSON.stringify(paths);
    if (now === known) return;
    known = now;
    void vscode.commands.executeCommand('setContext', contextKeys.torchScripts, paths);
  };
  let timer: NodeJS.Timeout | undefined;
  const soon = ({ languageId }: vscode.TextDocument) => {
    if (languageId !== 'python') return;
    clearTimeout(timer);
    timer = setTimeout(update, 500);
  };
  timer = setTimeout(update, 0);
  return vscode.Disposable.from(
    vscode.workspace.onDidOpenTextDocument(soon),
    vscode.workspace.onDidCloseTextDocument(soon),
    vscode.workspace.onDidChangeTextDocument(({ document }) => soon(document)),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}
