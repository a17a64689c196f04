import * as vscode from 'vscode';
import { showPanelCommand } from '../ids';
import type { PanelSession } from './panelSession';

const priority = 50;

/** Where the script stands, while a panel is open. A click shows the panel. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'gradstep.status',
    vscode.StatusBarAlignment.Left,
    priority,
  );

  constructor() {
    this.item.name = 'Gradstep';
    this.item.command = showPanelCommand;
  }

  show(session: PanelSession | null): void {
    if (!session) {
      this.item.hide();
      return;
    }
    const { text, icon } = describe(session);
    this.item.text = `$(${icon}) ${text}`;
    this.item.tooltip = vscode.l10n.t('Gradstep: {0}', session.script.name);
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}

function describe({ engineStatus, busy, snapshot, problems, error }: PanelSession): { text: string; icon: string } {
  if (engineStatus === 'died') return { text: vscode.l10n.t('the engine has ended'), icon: 'error' };
  if (engineStatus === 'recovering') return { text: vscode.l10n.t('recovering'), icon: 'loading~spin' };
  if (problems.length > 0 || error) return { text: vscode.l10n.t('the script has an error'), icon: 'error' };
  const event = snapshot?.event;
  if (!event && snapshot?.status === 'paused') {
    return { text: vscode.l10n.t('before the first phase'), icon: 'debug-line-by-line' };
  }
  if (!event) return { text: vscode.l10n.t('starting'), icon: 'loading~spin' };
  const text = vscode.l10n.t('{0} · iteration {1} · epoch {2}', event.phase, event.iteration, event.epoch);
  if (busy) return { text, icon: 'loading~spin' };
  return { text, icon: snapshot.status === 'finished' ? 'check' : 'debug-line-by-line' };
}
