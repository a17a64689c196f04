import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { ProblemView, StartOptions } from '../common/engineContract';
import type { Death, EngineClient } from '../engine/client';
import { deathCause } from '../panel/deathCause';
import { deathText } from '../panel/deathTexts';
import type { PanelController } from '../panel/panelController';
import { engineSettings } from '../panel/settings';
import type { DebugLaunch, DebugSettings, DebugSurroundings } from './session/debugSurroundings';

export interface WorkbenchParts {
  controller: PanelController;
  createClient(options: StartOptions): EngineClient;
  log(message: string): void;
}

/** What one debug session needs of VS Code: the script's editor, the settings, and the panel that shares its engine. */
export class WorkbenchSurroundings implements DebugSurroundings {
  readonly l10n = vscode.l10n;
  /** The engine of the session; null before it is launched. */
  client: EngineClient | null = null;

  constructor(private readonly parts: WorkbenchParts) {}

  settings(program: string): DebugSettings {
    return engineSettings(vscode.Uri.file(program));
  }

  async readSource(program: string): Promise<string> {
    return (await vscode.workspace.openTextDocument(vscode.Uri.file(program))).getText();
  }

  /** Typing and what others write to the disk: VS Code reads it into the document where that is open. */
  onDidChangeSource(program: string, listener: () => void): () => void {
    const uri = vscode.Uri.file(program).toString();
    const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(program)), basename(program));
    const watcher = vscode.workspace.createFileSystemWatcher(pattern, true, false, true);
    const listening = vscode.Disposable.from(
      watcher,
      watcher.onDidChange(() => listener()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.toString() === uri) listener();
      }),
    );
    return () => void listening.dispose();
  }

  openEngine(launch: DebugLaunch): EngineClient {
    const { program, source, settings } = launch;
    const { createClient, log } = this.parts;
    log(`${program}: debug`);
    this.client = createClient({
      ...settings,
      fileName: program,
      source,
      mode: 'stepping',
      goal: { kind: 'continue' },
    });
    this.show(this.client, launch);
    return this.client;
  }

  onRestart(client: EngineClient, launch: DebugLaunch): void {
    this.show(client, launch);
  }

  onRefused(client: EngineClient, problems: readonly ProblemView[]): void {
    this.parts.controller.showProblems(client, problems);
  }

  closeEngine(client: EngineClient): void {
    this.client = null;
    this.parts.controller.closeDebugged(client);
  }

  async confirm(question: string, detail: string): Promise<boolean> {
    const proceed = vscode.l10n.t('Change and Run Again');
    return (await vscode.window.showWarningMessage(question, { modal: true, detail }, proceed)) === proceed;
  }

  deathText({ exitCode, signal, stderr }: Death): string {
    return deathText(signal ?? String(exitCode), deathCause(stderr, `${process.platform}-${process.arch}`));
  }

  private show(client: EngineClient, { program, source, settings }: DebugLaunch): void {
    const script = { name: basename(program), path: program, text: source };
    this.parts.controller.openDebugged(vscode.Uri.file(program), script, client, settings);
  }
}
