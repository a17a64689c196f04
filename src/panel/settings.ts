import * as vscode from 'vscode';
import { givenFolders } from '../engine/cudaLibraries';
import { configurationSection } from '../ids';
import type { EngineSettings } from './panelSession';

const mebibyte = 1024 * 1024;
const devices = ['auto', 'cpu', 'cuda'] as const;

/** What the person has set, as the engine takes it. A value of another kind counts as not set. */
export function engineSettings(scope: vscode.Uri): EngineSettings {
  const settings = vscode.workspace.getConfiguration(configurationSection, scope);
  const folder = settings.get<unknown>('dataFolder');
  const seed = settings.get<unknown>('seed');
  const historyBudget = settings.get<unknown>('historyBudget');
  return {
    device: devices.find((device) => device === settings.get<unknown>('device')) ?? 'auto',
    cudaLibraryFolders: givenFolders(settings.get<unknown>('cudaLibraryPath')),
    threads: numberOr(settings.get<unknown>('threads'), 0),
    dataFolder: typeof folder === 'string' && folder.trim() !== '' ? absoluteFolder(folder.trim(), scope) : null,
    ...(typeof seed === 'number' && { seed }),
    ...(typeof historyBudget === 'number' && { byteBudget: historyBudget * mebibyte }),
  };
}

/** A relative folder is meant from the workspace's. */
function absoluteFolder(folder: string, scope: vscode.Uri): string {
  const workspace = vscode.workspace.getWorkspaceFolder(scope) ?? vscode.workspace.workspaceFolders?.[0];
  if (!workspace || /^([\\/]|[a-zA-Z]:)/.test(folder)) return folder;
  return vscode.Uri.joinPath(workspace.uri, folder).fsPath;
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
