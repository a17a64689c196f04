/** Opens an example and steps into it: only for `npm start`, never part of the VSIX. */
import * as vscode from 'vscode';

export async function activate() {
  const name = process.env.GRADSTEP_EXAMPLE ?? '01_first_loop.py';
  const example = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, name);
  const document = await vscode.workspace.openTextDocument(example);
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, preview: false });
  await vscode.commands.executeCommand('gradstep.stepThrough', document.uri);
}
