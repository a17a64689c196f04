import * as vscode from 'vscode';
import { phases, type Phase } from '../common/phase';
import { GradstepError } from '../common/errors';
import type { Goal } from '../common/engineContract';
import { configurationSection, type CommandName } from '../ids';
import type { PanelController } from '../panel/panelController';
import type { StepUnit } from '../protocol/contract';
import { pickExample } from './examples';
import { installCudaProvider, type CudaPlaces } from './installCuda';
import { setLearningRate } from './learningRate';

export interface CommandSurroundings {
  extensionUri: vscode.Uri;
  controller: PanelController;
  showLog(): void;
  /** What CUDA is tried with, and installed into. */
  cuda: CudaPlaces;
  /** Starts a debug session of a script. */
  debugScript(uri: vscode.Uri): Promise<void>;
}

/** What a command does. A missing one does not compile. */
export type CommandActions = { [N in CommandName]: (argument: unknown) => Promise<void> };

export function commandActions({
  extensionUri,
  controller,
  showLog,
  cuda,
  debugScript,
}: CommandSurroundings): CommandActions {
  const next = (unit: StepUnit) => async () => void (await controller.current?.handlers.next({ unit }));
  const previous = (unit: StepUnit) => async () => void (await controller.current?.handlers.previous({ unit }));
  const run = async (goal: Goal) => void (await controller.current?.handlers.run({ goal }));
  return {
    stepThrough: async (argument) => {
      const uri = argument instanceof vscode.Uri ? argument : activeScript();
      if (uri) await controller.open(uri);
      else controller.showPanel();
    },
    debugScript: async (argument) => {
      const uri = argument instanceof vscode.Uri ? argument : activeScript();
      if (uri) await debugScript(uri);
    },
    openExample: async () => {
      const uri = await pickExample(extensionUri);
      if (!uri) return;
      await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One, preview: false });
      await controller.open(uri);
    },
    nextPhase: next('phase'),
    previousPhase: previous('phase'),
    nextIteration: next('iteration'),
    previousIteration: previous('iteration'),
    runToPhase: async () => {
      const phase = await pickPhase(controller);
      if (phase) await run({ kind: 'phase', phase });
    },
    runIterations: async () => {
      const count = await askIterations();
      if (count !== null) await run({ kind: 'iterations', count });
    },
    runToEpochEnd: () => run({ kind: 'epoch' }),
    continue: () => run({ kind: 'continue' }),
    pause: async () => void (await controller.current?.handlers.pause(null)),
    restart: () => controller.restart(),
    setLearningRate: () => setLearningRate(controller),
    chooseDataFolder: () => chooseDataFolder(controller),
    installCuda: () => installCudaProvider(cuda),
    showEngineLog: async () => showLog(),
  };
}

/** Runs an action; what it refuses is told to the person who asked for it. */
export async function runAction(action: () => Promise<void>, log: (message: string) => void): Promise<void> {
  try {
    await action();
  } catch (thrown) {
    // A key that is pressed faster than the script runs is no mistake.
    if (thrown instanceof GradstepError && thrown.code === 'engine.busy') return;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    log(thrown instanceof Error ? (thrown.stack ?? text) : text);
    const hint = thrown instanceof GradstepError && thrown.hint !== undefined ? ` ${thrown.hint}` : '';
    // Nobody waits for the person to close it.
    void vscode.window.showErrorMessage(vscode.l10n.t('Gradstep: {0}', `${text}${hint}`));
  }
}

function activeScript(): vscode.Uri | null {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === 'python' ? document.uri : null;
}

async function pickPhase(controller: PanelController): Promise<Phase | null> {
  const pattern = controller.current?.snapshot?.pattern ?? [];
  const learnt = pattern.map(({ phase, line }) => ({ label: phase, description: vscode.l10n.t('line {0}', line) }));
  const known = new Map<Phase, vscode.QuickPickItem & { label: Phase }>();
  for (const item of learnt) if (!known.has(item.label)) known.set(item.label, item);
  for (const phase of phases) if (!known.has(phase)) known.set(phase, { label: phase });
  const picked = await vscode.window.showQuickPick([...known.values()], {
    title: vscode.l10n.t('Run to Phase'),
    placeHolder: vscode.l10n.t('The script runs until the next event of this phase.'),
  });
  return picked?.label ?? null;
}

async function askIterations(): Promise<number | null> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Run N Iterations'),
    prompt: vscode.l10n.t('How many iterations?'),
    value: '10',
    validateInput: (value) =>
      /^\s*[1-9]\d*\s*$/.test(value) ? null : vscode.l10n.t('A whole number, 1 or more, is needed.'),
  });
  return text === undefined ? null : Number(text);
}

async function chooseDataFolder(controller: PanelController): Promise<void> {
  const folders = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Choose Data Folder'),
    openLabel: vscode.l10n.t('Use This Folder'),
    canSelectFolders: true,
    canSelectFiles: false,
  });
  const folder = folders?.[0];
  if (!folder) return;
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration(configurationSection).update('dataFolder', folder.fsPath, target);
  await controller.restart();
}
