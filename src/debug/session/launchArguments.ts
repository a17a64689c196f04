import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { GradstepError } from '../../common/errors';
import type { Translator } from '../../common/translator';
import type { DebugSettings, DebugSurroundings } from './debugSurroundings';

/** A launch configuration of type `gradstep`. What is left out is as the person's settings have it. */
export interface LaunchArguments extends DebugProtocol.LaunchRequestArguments {
  /** Absolute. */
  program: string;
  /** Left out: before the first statement where no breakpoint is set, at the first breakpoint otherwise. */
  stopOnEntry?: boolean;
  device?: 'cpu' | 'cuda' | 'auto';
  /** Threads inside one operator; 0 is the engine's own choice. */
  threads?: number;
  seed?: number;
  /** Absolute. */
  dataFolder?: string;
  /** What the recorded tensors may take, in MiB. */
  historyBudget?: number;
}

type ArgumentName = Exclude<keyof LaunchArguments, keyof DebugProtocol.LaunchRequestArguments> | 'noDebug';

interface ArgumentRow {
  accepts(value: unknown): boolean;
  wanted(l10n: Translator): string;
}

const mebibyte = 1024 * 1024;
const devices: readonly unknown[] = ['auto', 'cpu', 'cuda'];

const truthRow: ArgumentRow = {
  accepts: (value) => typeof value === 'boolean',
  wanted: (l10n) => l10n.t('true or false'),
};

const argumentTable: Readonly<Record<ArgumentName, ArgumentRow>> = {
  program: {
    accepts: (value) => typeof value === 'string' && isAbsolute(value),
    wanted: (l10n) => l10n.t('the absolute path of a Python script, such as {0}', '${file}'),
  },
  noDebug: truthRow,
  stopOnEntry: truthRow,
  device: { accepts: (value) => devices.includes(value), wanted: (l10n) => l10n.t('auto, cpu or cuda') },
  threads: {
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
    wanted: (l10n) => l10n.t('a whole number, 0 or more'),
  },
  seed: { accepts: (value) => Number.isSafeInteger(value), wanted: (l10n) => l10n.t('a whole number') },
  dataFolder: {
    accepts: (value) =>
      typeof value === 'string' && isAbsolute(value) && !!statSync(value, { throwIfNoEntry: false })?.isDirectory(),
    wanted: (l10n) => l10n.t('the absolute path of a folder that exists'),
  },
  historyBudget: {
    accepts: (value) => typeof value === 'number' && value > 0 && Number.isFinite(value),
    wanted: (l10n) => l10n.t('a number of MiB above 0'),
  },
};

export const argumentNames: readonly string[] = Object.keys(argumentTable);

/** @throws GradstepError `debug.argument`, which names the argument and what it may be */
export function checkedArguments(given: object, l10n: Translator): LaunchArguments {
  const args = given as Partial<Record<ArgumentName, unknown>>;
  if (args.program === undefined || args.program === '') {
    throw argumentError(l10n.t('Which script? "program" is missing: {0}.', argumentTable.program.wanted(l10n)));
  }
  for (const [name, { accepts, wanted }] of Object.entries(argumentTable)) {
    const value = args[name as ArgumentName];
    if (value === undefined || accepts(value)) continue;
    throw argumentError(l10n.t('"{0}" is {1}: it must be {2}.', name, JSON.stringify(value), wanted(l10n)));
  }
  return given as LaunchArguments;
}

/** The person's settings with what the launch configuration says instead. */
export function launchSettings(args: LaunchArguments, surroundings: DebugSurroundings): DebugSettings {
  const { device, threads, seed, dataFolder, historyBudget } = args;
  return {
    ...surroundings.settings(args.program),
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
    ...(seed !== undefined && { seed }),
    ...(dataFolder !== undefined && { dataFolder }),
    ...(historyBudget !== undefined && { byteBudget: historyBudget * mebibyte }),
  };
}

function argumentError(message: string): GradstepError {
  return new GradstepError(message, { code: 'debug.argument' });
}
