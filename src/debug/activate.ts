import * as vscode from 'vscode';
import { GradstepError } from '../common/errors';
import { debugType } from '../ids';
import { stepThroughTraining, TrainingConfigurations } from './configurations';
import { ScriptExpressions, ScriptInlineValues } from './inlineValues';
import { GradstepDebugSession } from './session/gradstepDebugSession';
import { WorkbenchSurroundings, type WorkbenchParts } from './workbenchSurroundings';

/** What is left to VS Code: saving the file, and asking whether the workspace is trusted. */
export async function debugScript(uri: vscode.Uri): Promise<void> {
  if (uri.scheme !== 'file') {
    throw new GradstepError(vscode.l10n.t('Save the script first: a debugger needs a file.'), {
      code: 'debug.notOnDisk',
    });
  }
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  await vscode.debug.startDebugging(folder, stepThroughTraining(uri.fsPath));
}

/** Registers the debugger. Sessions of other types are nobody's business here. */
export function activateDebugging(parts: WorkbenchParts): vscode.Disposable {
  const surroundingsOf = new Map<string, WorkbenchSurroundings>();
  const active = (): vscode.DebugSession | undefined => {
    const session = vscode.debug.activeDebugSession;
    return session?.type === debugType ? session : undefined;
  };
  const isDebugged = ({ uri }: vscode.TextDocument): boolean =>
    uri.scheme === 'file' && active()?.configuration['program'] === uri.fsPath;
  const factory: vscode.DebugAdapterDescriptorFactory = {
    createDebugAdapterDescriptor: ({ id }) => {
      const surroundings = new WorkbenchSurroundings(parts);
      surroundingsOf.set(id, surroundings);
      return new vscode.DebugAdapterInlineImplementation(new GradstepDebugSession(surroundings));
    },
  };
  const configurations = new TrainingConfigurations();
  const python = { language: 'python' };
  return vscode.Disposable.from(
    vscode.debug.registerDebugAdapterDescriptorFactory(debugType, factory),
    vscode.debug.registerDebugConfigurationProvider(debugType, configurations),
    vscode.debug.registerDebugConfigurationProvider(
      debugType,
      configurations,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
    vscode.languages.registerInlineValuesProvider(python, new ScriptInlineValues(isDebugged)),
    vscode.languages.registerEvaluatableExpressionProvider(python, new ScriptExpressions(isDebugged)),
    vscode.debug.onDidTerminateDebugSession(({ id }) => surroundingsOf.delete(id)),
    vscode.debug.onDidChangeActiveDebugSession((session) => {
      const client = session && surroundingsOf.get(session.id)?.client;
      if (client) parts.controller.followDebugged(client);
    }),
  );
}
