import { contextKeys, type CommandName } from '../ids';

/** A command as the manifest declares it. */
export interface CommandRow {
  name: CommandName;
  /** A codicon. */
  icon: string;
  /** Left out: always enabled. */
  enablement?: string;
  keybinding?: { key: string; mac?: string; when: string };
}

const { active, busy, panelFocused } = contextKeys;

/** A script is open in the panel and rests. */
const resting = `${active} && !${busy}`;
/** The script or its panel has the focus, and the debugger doesn't want the same keys. */
const atHand = `${active} && !inDebugMode && (${panelFocused} || editorLangId == 'python')`;

/** The extension's commands, in the palette's order. The manifest repeats the table; a test holds them together. */
export const commandTable: readonly CommandRow[] = [
  {
    name: 'stepThrough',
    icon: '$(debug-line-by-line)',
    keybinding: { key: 'alt+shift+g', when: `editorTextFocus && editorLangId == 'python'` },
  },
  { name: 'debugScript', icon: '$(debug-alt)' },
  { name: 'openExample', icon: '$(mortar-board)' },
  { name: 'nextPhase', icon: '$(debug-step-over)', enablement: resting, keybinding: { key: 'f10', when: atHand } },
  {
    name: 'previousPhase',
    icon: '$(debug-step-back)',
    enablement: resting,
    keybinding: { key: 'alt+f10', when: atHand },
  },
  {
    name: 'nextIteration',
    icon: '$(chevron-right)',
    enablement: resting,
    keybinding: { key: 'ctrl+f10', mac: 'cmd+f10', when: atHand },
  },
  {
    name: 'previousIteration',
    icon: '$(chevron-left)',
    enablement: resting,
    keybinding: { key: 'ctrl+shift+f10', mac: 'cmd+shift+f10', when: atHand },
  },
  {
    name: 'runToPhase',
    icon: '$(debug-step-into)',
    enablement: resting,
    keybinding: { key: 'alt+f11', when: atHand },
  },
  { name: 'runIterations', icon: '$(run-all)', enablement: resting },
  { name: 'runToEpochEnd', icon: '$(debug-step-out)', enablement: resting },
  {
    name: 'continue',
    icon: '$(debug-continue)',
    enablement: resting,
    keybinding: { key: 'f5', when: `${panelFocused} && ${resting} && !inDebugMode` },
  },
  {
    name: 'pause',
    icon: '$(debug-pause)',
    enablement: busy,
    keybinding: { key: 'f6', when: `${busy} && !inDebugMode` },
  },
  {
    name: 'restart',
    icon: '$(debug-restart)',
    enablement: active,
    keybinding: { key: 'ctrl+shift+f5', mac: 'cmd+shift+f5', when: `${panelFocused} && ${active} && !inDebugMode` },
  },
  { name: 'setLearningRate', icon: '$(graph-line)', enablement: resting },
  { name: 'chooseDataFolder', icon: '$(folder-opened)' },
  { name: 'installCuda', icon: '$(cloud-download)' },
  { name: 'showEngineLog', icon: '$(output)' },
];
