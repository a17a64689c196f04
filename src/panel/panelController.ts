import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { EditTarget, ProblemView, StartOptions } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import type { EngineClient } from '../engine/client';
import { commandIds, contextKeys, panelViewType, type ContextKeyName } from '../ids';
import type { PanelCommand, PanelHandlers, PanelMessage, PanelState } from '../protocol/contract';
import { deathText } from './deathTexts';
import { fromWire, toWire } from '../protocol/wire';
import { answerRequest } from './answerRequest';
import { panelHtml } from './panelHtml';
import { PanelSession, type EngineSettings, type PanelSessionOptions, type ScriptSource } from './panelSession';
import { Publisher } from './publisher';
import { ScriptMarks } from './scriptMarks';
import { SessionMemory, type SavedSession } from './sessionMemory';
import { engineSettings } from './settings';
import { StatusBar } from './statusBar';

/** Twenty times a second at most. */
const publishMilliseconds = 50;
/** How soon a place is saved, in milliseconds. */
const restingSave = 300;
const runningSave = 2000;

export interface PanelControllerOptions {
  extensionUri: vscode.Uri;
  workspaceState: vscode.Memento;
  createClient(options: StartOptions): EngineClient;
  log(message: string): void;
}

/** The one panel and the one script in it: opens, feeds, restores and closes them. */
export class PanelController implements vscode.Disposable {
  private panel: vscode.WebviewPanel | null = null;
  private session: PanelSession | null = null;
  /** The scripts that are debugged, by their engines; one of them may stand in the panel. */
  private readonly debugged = new Map<EngineClient, { session: PanelSession; uri: vscode.Uri }>();
  private scriptUri: vscode.Uri | null = null;
  private scriptChanged = false;
  private revision = 0;
  private readonly memory: SessionMemory;
  private readonly contexts = new Map<ContextKeyName, unknown>();
  private readonly marks = new ScriptMarks();
  private readonly statusBar = new StatusBar();
  private readonly publisher = new Publisher(() => this.publish(), publishMilliseconds);
  private readonly surroundings = new Publisher(() => this.showSurroundings(), publishMilliseconds);
  private readonly edits = vscode.workspace.onDidChangeTextDocument(({ document }) => this.scriptEdited(document));

  constructor(private readonly options: PanelControllerOptions) {
    this.memory = new SessionMemory(options.workspaceState);
    this.surroundings.setOpen(true);
  }

  /** What stands in the panel; null where no script does. */
  get current(): PanelSession | null {
    return this.session;
  }

  /** The script in the panel. */
  get currentUri(): vscode.Uri | null {
    return this.scriptUri;
  }

  /** Opens a script in the panel, beside the editor, and runs it to its first event. */
  async open(uri: vscode.Uri): Promise<void> {
    requireTrust();
    const source = await scriptSource(uri);
    this.showPanel();
    await this.showScript(uri);
    await this.begin(uri, source, null);
  }

  /** The script's text may have changed since: what the editor shows now is what runs. */
  async restart(): Promise<void> {
    if (!this.scriptUri) return;
    requireTrust();
    if (this.session?.isShared) {
      await vscode.commands.executeCommand('workbench.action.debug.restart');
      return;
    }
    await this.begin(this.scriptUri, await scriptSource(this.scriptUri), null);
  }

  /** Shows the panel, without a script where none has been opened. */
  showPanel(preserveFocus = false): void {
    if (this.panel) {
      this.panel.reveal(undefined, preserveFocus);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      panelViewType,
      'Gradstep',
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus },
      { enableScripts: true },
    );
    this.adopt(panel);
    const running = [...this.debugged.values()].at(-1);
    if (!this.session && running) this.present(running.session, running.uri);
  }

  /**
   * Puts a script that a debugger is about to run into the panel; once more with another text, when it is restarted.
   * @param settings what another engine would be started with, once this one is gone
   */
  openDebugged(uri: vscode.Uri, source: ScriptSource, client: EngineClient, settings: EngineSettings): void {
    const before = this.debugged.get(client)?.session;
    const session = this.newSession(source);
    session.share(client, settings);
    this.debugged.set(client, { session, uri });
    this.present(session, uri);
    before?.dispose();
    this.showPanel(true);
  }

  /** Shows the script of the debug session that the person has turned to. */
  followDebugged(client: EngineClient): void {
    const entry = this.debugged.get(client);
    if (entry && this.panel && this.session !== entry.session) this.present(entry.session, entry.uri);
  }

  /** What of a debugged script was refused, as its editor's problems and in the panel. */
  showProblems(client: EngineClient, problems: readonly ProblemView[]): void {
    this.debugged.get(client)?.session.refuse(problems);
  }

  /** The debugger has left its engine: it stays as long as the panel shows it. */
  closeDebugged(client: EngineClient): void {
    const session = this.debugged.get(client)?.session;
    this.debugged.delete(client);
    if (session && this.panel && session === this.session) {
      session.keep();
      return;
    }
    if (session !== this.session) session?.dispose();
    client.dispose();
  }

  /** A window has been reloaded with the panel in it: brings the script back to where it was. */
  async restore(panel: vscode.WebviewPanel): Promise<void> {
    const saved = this.memory.load();
    this.adopt(panel);
    if (!saved || !vscode.workspace.isTrusted) return;
    const uri = vscode.Uri.parse(saved.script.uri);
    let source: ScriptSource;
    try {
      source = await scriptSource(uri);
    } catch {
      // The script is gone: an empty panel says what to do.
      await this.memory.forget();
      return;
    }
    const unchanged = source.text === saved.script.text;
    await this.begin(uri, source, unchanged ? saved : null);
    if (!unchanged) {
      this.session?.note(vscode.l10n.t('The script has changed since the window was closed: it starts from the top.'));
    }
  }

  /**
   * Changes a value at an event; asks before it cuts off what came after.
   * @returns false when the person would rather not
   */
  async setValue(event: number, target: EditTarget): Promise<boolean> {
    const { session } = this;
    if (!session) return false;
    const head = session.snapshot?.head ?? -1;
    const needsReplay = !session.busy && (event < head || session.snapshot?.status !== 'paused');
    if (needsReplay) {
      const proceed = vscode.l10n.t('Change and Run Again');
      const answer = await vscode.window.showWarningMessage(
        vscode.l10n.t('Change this value at event {0}?', event),
        {
          modal: true,
          detail: vscode.l10n.t(
            'The script runs again up to that event with the change. The {0} events after it are cut off.',
            Math.max(0, head - event),
          ),
        },
        proceed,
      );
      if (answer !== proceed) return false;
    }
    await session.setValue(event, target, needsReplay);
    return true;
  }

  /** Saves what is to survive the window. */
  async flush(): Promise<void> {
    if (this.session) this.memory.save(() => this.savedSession(), 0);
    await this.memory.flush();
  }

  dispose(): void {
    this.edits.dispose();
    this.publisher.dispose();
    this.surroundings.dispose();
    this.session?.dispose();
    for (const { session } of this.debugged.values()) session.dispose();
    this.marks.dispose();
    this.statusBar.dispose();
  }

  private async begin(uri: vscode.Uri, source: ScriptSource, saved: SavedSession | null): Promise<void> {
    const session = this.newSession(source);
    this.present(session, uri);
    this.options.log(`${source.path}: start`);
    await session.start(engineSettings(uri), saved?.place ?? null, saved?.output ?? []);
  }

  private newSession(source: ScriptSource): PanelSession {
    const session: PanelSession = new PanelSession(source, {
      createClient: (options) => this.options.createClient(options),
      onChange: (delay) => {
        if (this.session === session) this.changed(delay);
      },
      log: (message) => this.options.log(message),
      texts: sessionTexts(),
    });
    return session;
  }

  /** Another script stands in the panel from here on. */
  private present(session: PanelSession, uri: vscode.Uri): void {
    this.leave();
    this.session = session;
    this.scriptUri = uri;
    this.scriptChanged = vscode.workspace.textDocuments.some(
      (document) => sameUri(document.uri, uri) && document.getText() !== session.script.text,
    );
    this.setContext('active', true);
    this.changed(0);
  }

  /** A debugger's script goes on without the panel. */
  private leave(): void {
    if (this.session?.isShared !== true) this.session?.dispose();
    this.session = null;
  }

  /** The panel may have come to lie over the script's editor. */
  private async showScript(uri: vscode.Uri): Promise<void> {
    const { visibleTextEditors } = vscode.window;
    const isVisible = visibleTextEditors.some(
      ({ document, viewColumn }) => sameUri(document.uri, uri) && viewColumn !== this.panel?.viewColumn,
    );
    if (isVisible) return;
    const isFirst = this.panel?.viewColumn === vscode.ViewColumn.One;
    const viewColumn = isFirst ? vscode.ViewColumn.Two : vscode.ViewColumn.One;
    await vscode.window.showTextDocument(uri, { viewColumn, preserveFocus: true, preview: false });
  }

  private adopt(panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    const folder = vscode.Uri.joinPath(this.options.extensionUri, 'dist', 'webview');
    const media = vscode.Uri.joinPath(this.options.extensionUri, 'media');
    this.panel = panel;
    panel.iconPath = {
      light: vscode.Uri.joinPath(media, 'panel-light.svg'),
      dark: vscode.Uri.joinPath(media, 'panel-dark.svg'),
    };
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    webview.onDidReceiveMessage((message: unknown) => void this.answer(message, webview));
    panel.onDidChangeViewState(() => this.viewChanged(panel));
    panel.onDidDispose(() => this.closed(panel));
    webview.html = panelHtml({
      cspSource: webview.cspSource,
      script: webview.asWebviewUri(vscode.Uri.joinPath(folder, 'main.js')).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(folder, 'main.css')).toString(),
      nonce: randomBytes(16).toString('base64'),
      locale: vscode.env.language,
    });
    this.viewChanged(panel);
  }

  private viewChanged(panel: vscode.WebviewPanel): void {
    this.setContext('panelFocused', panel.active);
    // A hidden webview is gone; it says `ready` when it is there again.
    if (!panel.visible) this.publisher.setOpen(false);
  }

  private closed(panel: vscode.WebviewPanel): void {
    if (panel !== this.panel) return;
    this.panel = null;
    this.leave();
    this.scriptChanged = false;
    this.scriptUri = null;
    this.publisher.setOpen(false);
    this.setContext('active', false);
    this.setContext('busy', false);
    this.setContext('panelFocused', false);
    this.showSurroundings();
    void this.memory.forget();
  }

  private changed(delay: number): void {
    this.publisher.changed(delay);
    this.surroundings.changed(delay);
    this.memory.save(() => this.savedSession(), this.session?.busy === false ? restingSave : runningSave);
  }

  /** What runs stays what it was; the panel says that the editor has something else. */
  private scriptEdited(document: vscode.TextDocument): void {
    if (!this.session || !this.scriptUri || !sameUri(document.uri, this.scriptUri)) return;
    const changed = document.getText() !== this.session.script.text;
    if (changed === this.scriptChanged) return;
    this.scriptChanged = changed;
    this.publisher.changed(0);
  }

  private savedSession(): SavedSession | null {
    const { session, scriptUri } = this;
    if (!session || !scriptUri) return null;
    const { place, output, script } = session;
    return { script: { uri: scriptUri.toString(), text: script.text }, place, output };
  }

  private async answer(message: unknown, webview: vscode.Webview): Promise<void> {
    const reply = await answerRequest(fromWire(message), this.handlers);
    if (!reply) return;
    if (!reply.ok && reply.error.audience === 'maintainer') this.options.log(reply.error.message);
    await webview.postMessage(toWire(reply satisfies PanelMessage));
  }

  private get handlers(): PanelHandlers {
    const engine = (this.session ?? this.nothingOpen).handlers;
    return {
      ...engine,
      ready: async () => {
        this.publisher.setOpen(true);
        return this.state();
      },
      restart: async () => {
        await this.restart();
        return null;
      },
      setValue: async ({ event, target }) => {
        await this.setValue(event, target);
        return null;
      },
      revealLine: async ({ line }) => {
        await this.revealLine(line);
        return null;
      },
      command: async ({ name }) => {
        await this.runCommand(name);
        return null;
      },
    };
  }

  /** A session that was never started: it refuses what needs an engine. */
  private readonly nothingOpen = new PanelSession(
    { name: '', path: '', text: '' },
    {
      createClient: (options) => this.options.createClient(options),
      onChange: () => undefined,
      log: () => undefined,
      texts: sessionTexts(),
    },
  );

  private async runCommand(name: PanelCommand): Promise<void> {
    if (name === 'recover') await this.session?.recover();
    else await vscode.commands.executeCommand(commandIds[name]);
  }

  private async revealLine(line: number): Promise<void> {
    if (!this.scriptUri) return;
    const uri = this.scriptUri;
    const shown = vscode.window.visibleTextEditors.find(({ document }) => sameUri(document.uri, uri));
    const document = shown?.document ?? (await vscode.workspace.openTextDocument(uri));
    const index = Math.min(Math.max(0, line - 1), document.lineCount - 1);
    await vscode.window.showTextDocument(document, {
      viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
      selection: new vscode.Range(index, 0, index, 0),
    });
  }

  private state(): PanelState {
    const { session } = this;
    return {
      revision: ++this.revision,
      locale: vscode.env.language,
      script: session && { name: session.script.name, path: session.script.path },
      scriptChanged: this.scriptChanged,
      engineStatus: session?.engineStatus ?? 'none',
      death: session?.death ?? null,
      busy: session?.busy ?? false,
      snapshot: session?.snapshot ?? null,
      problems: session?.problems ?? [],
      error: session?.error ?? null,
      output: session?.output ?? [],
      progress: session?.progress ?? [],
    };
  }

  private publish(): void {
    const message: PanelMessage = { kind: 'state', state: this.state() };
    void this.panel?.webview.postMessage(toWire(message));
  }

  /** What is shown outside of the panel. */
  private showSurroundings(): void {
    const { session, marks } = this;
    const uri = this.scriptUri;
    const event = session?.snapshot?.event;
    // The line of a debugged script is marked by VS Code itself.
    marks.showLine(uri, session?.isShared ? 0 : (event?.line ?? 0), event?.phase ?? '');
    if (session?.busy === false) marks.follow(`${session.script.path}:${event?.index}:${event?.line}`);
    marks.showProblems(uri, session?.problems ?? [], session?.error ?? null);
    this.statusBar.show(session);
    if (session) this.setContext('busy', session.busy);
  }

  private setContext(name: ContextKeyName, value: unknown): void {
    if (this.contexts.get(name) === value) return;
    this.contexts.set(name, value);
    void vscode.commands.executeCommand('setContext', contextKeys[name], value);
  }
}

/** VS Code keeps the extension off in restricted mode; one under development it doesn't. */
function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new GradstepError(vscode.l10n.t('Scripts are run in trusted workspaces only.'), { code: 'panel.untrusted' });
}

function sessionTexts(): PanelSessionOptions['texts'] {
  return { died: deathText, recover: vscode.l10n.t('Recover it in the panel, or restart the script.') };
}

/** The text as the editor has it, saved or not. */
async function scriptSource(uri: vscode.Uri): Promise<ScriptSource> {
  if (uri.scheme !== 'file' && uri.scheme !== 'untitled') {
    throw new GradstepError(vscode.l10n.t('{0} is not on the disk: save it there first.', uri.path), {
      code: 'panel.notOnDisk',
    });
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  return { name, path: uri.scheme === 'file' ? uri.fsPath : join(folder, `${name}.py`), text: document.getText() };
}

function sameUri(a: vscode.Uri, b: vscode.Uri): boolean {
  return a.toString() === b.toString();
}
