import * as vscode from 'vscode';

interface ExampleItem extends vscode.QuickPickItem {
  /** In `examples/`. */
  file: string;
}

/** The scripts in `examples/`, and what each teaches. */
function exampleItems(): ExampleItem[] {
  return [
    {
      file: '01_first_loop.py',
      label: vscode.l10n.t('The first loop'),
      detail: vscode.l10n.t('The smallest whole loop: a CIFAR-10 network, one image at a time, plain SGD.'),
    },
    {
      file: '02_momentum.py',
      label: vscode.l10n.t('Momentum'),
      detail: vscode.l10n.t("The tutorials' order of phases, with momentum: watch the buffer remember old gradients."),
    },
    {
      file: '03_step_lr.py',
      label: vscode.l10n.t('StepLR'),
      detail: vscode.l10n.t('The learning rate falls to a tenth after every 30 epochs.'),
    },
    {
      file: '04_scheduler_instead_of_optimizer.py',
      label: vscode.l10n.t('Mistake: scheduler.step() instead of optimizer.step()'),
      detail: vscode.l10n.t('The rate decays and nothing learns.'),
    },
    {
      file: '05_missing_zero_grad.py',
      label: vscode.l10n.t('Mistake: no zero_grad()'),
      detail: vscode.l10n.t('Every gradient is added to all the ones before it.'),
    },
    {
      file: '06_adam_two_variables.py',
      label: vscode.l10n.t('Adam on two numbers'),
      detail: vscode.l10n.t('Fit a line and read every term of the update by eye.'),
    },
    {
      file: '07_adam_with_shuffling.py',
      label: vscode.l10n.t('Adam on shuffled batches'),
      detail: vscode.l10n.t('A schedule halves the rate after every second step.'),
    },
    {
      file: '08_gradient_accumulation.py',
      label: vscode.l10n.t('Gradient accumulation'),
      detail: vscode.l10n.t('Not a mistake: gradients are added up over four small batches on purpose.'),
    },
  ];
}

/** Asks for one of the example scripts. */
export async function pickExample(extensionUri: vscode.Uri): Promise<vscode.Uri | null> {
  const picked = await vscode.window.showQuickPick(exampleItems(), {
    title: vscode.l10n.t('Open Example'),
    placeHolder: vscode.l10n.t('Which training loop?'),
    matchOnDetail: true,
  });
  return picked ? vscode.Uri.joinPath(extensionUri, 'examples', picked.file) : null;
}
