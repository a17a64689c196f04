import * as vscode from 'vscode';

/** What the engine and the panel's host had to say; the channel is made when there is something in it. */
export class EngineLog implements vscode.Disposable {
  private channel: vscode.LogOutputChannel | null = null;

  append(message: string): void {
    this.open().info(message);
  }

  show(): void {
    this.open().show(true);
  }

  dispose(): void {
    this.channel?.dispose();
  }

  private open(): vscode.LogOutputChannel {
    return (this.channel ??= vscode.window.createOutputChannel('Gradstep', { log: true }));
  }
}
