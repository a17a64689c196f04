import * as vscode from 'vscode';
import type { OptimizerView } from '../common/engineContract';
import type { PanelController } from '../panel/panelController';

interface RateItem extends vscode.QuickPickItem {
  optimizer: string;
  group: number;
  rate: number;
}

/** Asks for a learning rate, and for whose where there are several; sets it at the event that is shown. */
export async function setLearningRate(controller: PanelController): Promise<void> {
  const event = controller.current?.snapshot?.event;
  if (!event) return;
  const items = event.optimizers.flatMap(rateItems);
  const item = items.length > 1 ? await vscode.window.showQuickPick(items, { title: title() }) : items[0];
  if (!item) return;
  const text = await vscode.window.showInputBox({
    title: title(),
    prompt: vscode.l10n.t('The learning rate of {0} from here on', item.label),
    value: String(item.rate),
    validateInput: (value) =>
      parseRate(value) === null ? vscode.l10n.t('A number, 0 or more, is needed, such as 0.01 or 1e-3.') : null,
  });
  const value = text === undefined ? null : parseRate(text);
  if (value === null || value === item.rate) return;
  const { optimizer, group } = item;
  await controller.setValue(event.index, { kind: 'hyperparameter', optimizer, group, name: 'lr', value });
}

function title(): string {
  return vscode.l10n.t('Set Learning Rate');
}

function rateItems({ name, type, groups }: OptimizerView): RateItem[] {
  return groups.map(({ hyperparameters }, group) => {
    const rate = Number(hyperparameters.lr ?? 0);
    const label = groups.length > 1 ? `${name}.param_groups[${group}]` : name;
    return { label, description: `${type} · lr ${rate}`, optimizer: name, group, rate };
  });
}

function parseRate(text: string): number | null {
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
