import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { debugType } from '../ids';

const defaultProgram = '${file}';

/** The configuration that needs no launch.json. */
export function stepThroughTraining(program = defaultProgram): vscode.DebugConfiguration {
  return {
    type: debugType,
    request: 'launch',
    name: vscode.l10n.t('Step Through Training'),
    program,
  };
}

/** Launch configurations: what is left out is filled in, and F5 works where there is no launch.json. */
export class TrainingConfigurations implements vscode.DebugConfigurationProvider {
  provideDebugConfigurations(): vscode.DebugConfiguration[] {
    return [stepThroughTraining()];
  }

  resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.ProviderResult<vscode.DebugConfiguration> {
    // F5 without a launch.json comes with nothing at all.
    const isEmpty = !configuration.type && !configuration.request && !configuration.name;
    const given = isEmpty ? stepThroughTraining() : { program: defaultProgram, ...configuration };
    const document = vscode.window.activeTextEditor?.document;
    if (given.program !== defaultProgram || (document?.languageId === 'python' && document.uri.scheme === 'file')) {
      return given;
    }
    const text = document?.isUntitled
      ? vscode.l10n.t('Save the script first: a debugger needs a file.')
      : vscode.l10n.t('Open a Python script that trains with torch, then start again.');
    return vscode.window.showErrorMessage(text, { modal: true }).then(() => undefined);
  }

  resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration {
    const root = (folder ?? vscode.workspace.workspaceFolders?.[0])?.uri.fsPath;
    const absolute = (path: unknown): unknown =>
      typeof path === 'string' && path !== '' && root !== undefined && !isAbsolute(path) ? join(root, path) : path;
    const { program, dataFolder } = configuration;
    return {
      ...configuration,
      program: absolute(program),
      ...(dataFolder !== undefined && { dataFolder: absolute(dataFolder) }),
    };
  }
}
