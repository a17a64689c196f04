/** Every name that VS Code knows the extension's parts by. */
export const commandIds = {
  stepThrough: 'gradstep.stepThrough',
  debugScript: 'gradstep.debugScript',
  openExample: 'gradstep.openExample',
  nextPhase: 'gradstep.nextPhase',
  previousPhase: 'gradstep.previousPhase',
  nextIteration: 'gradstep.nextIteration',
  previousIteration: 'gradstep.previousIteration',
  runToPhase: 'gradstep.runToPhase',
  runIterations: 'gradstep.runIterations',
  runToEpochEnd: 'gradstep.runToEpochEnd',
  continue: 'gradstep.continue',
  pause: 'gradstep.pause',
  restart: 'gradstep.restart',
  setLearningRate: 'gradstep.setLearningRate',
  chooseDataFolder: 'gradstep.chooseDataFolder',
  installCuda: 'gradstep.installCuda',
  showEngineLog: 'gradstep.showEngineLog',
} as const;

export type CommandName = keyof typeof commandIds;

export const contextKeys = {
  /** A script has been opened in the panel. */
  active: 'gradstep.active',
  /** A run takes so long that the person sees it. */
  busy: 'gradstep.busy',
  panelFocused: 'gradstep.panelFocused',
  /** The paths of the open scripts that import torch. */
  torchScripts: 'gradstep.torchScripts',
} as const;

export type ContextKeyName = keyof typeof contextKeys;

export const configurationSection = 'gradstep';

/** What launch configurations call the debugger. */
export const debugType = 'gradstep';

export const panelViewType = 'gradstep.panel';

export const walkthroughId = 'gradstep.start';

/** Registered and not contributed: what a click on the status bar does. */
export const showPanelCommand = 'gradstep.showPanel';
