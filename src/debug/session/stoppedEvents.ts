import type { DebugProtocol } from '@vscode/debugprotocol';
import type { DebugException, DebugPlace, DebugStop } from '../../common/debugContract';
import type { StateSnapshot } from '../../common/engineContract';
import type { Translator } from '../../common/translator';

/** A training script has one thread. */
export const threadId = 1;

/** In a few words, why it rests; null leaves that to the engine, which knows more. */
const descriptions: Readonly<Record<DebugStop['reason'], ((l10n: Translator) => string) | null>> = {
  entry: (l10n) => l10n.t('Paused on entry'),
  step: (l10n) => l10n.t('Paused on step'),
  breakpoint: (l10n) => l10n.t('Paused on breakpoint'),
  'function breakpoint': (l10n) => l10n.t('Paused on function breakpoint'),
  'data breakpoint': (l10n) => l10n.t('Paused on data breakpoint'),
  pause: (l10n) => l10n.t('Paused'),
  exception: null,
  goto: null,
};

/** Why the script rests and, where it was moved back, that it shows the past. */
export function stoppedBody(
  { moment, lastMoment, stop }: DebugPlace,
  { cursor }: StateSnapshot,
  l10n: Translator,
): DebugProtocol.StoppedEvent['body'] {
  const past = cursor < 0 ? l10n.t('REPLAY') : l10n.t('REPLAY · event {0}', cursor);
  const inThePast = moment < lastMoment;
  const words = descriptions[stop.reason]?.(l10n) ?? stop.description;
  const plain = stop.reason === 'step' || stop.reason === 'goto' || stop.reason === 'entry';
  const description = !inThePast ? words : plain ? past : `${past} · ${words}`;
  return {
    reason: stop.reason,
    threadId,
    allThreadsStopped: true,
    description,
    ...(stop.text !== null && { text: stop.text }),
    ...(stop.breakpointIds.length > 0 && { hitBreakpointIds: stop.breakpointIds }),
  };
}

/** Where in the training the script stands, as the one thread's name. */
export function threadName({ iteration, epoch }: StateSnapshot, l10n: Translator): string {
  return iteration > 0 ? l10n.t('epoch {0} · iteration {1}', epoch, iteration) : l10n.t('before the first iteration');
}

export function exceptionBody(
  exception: DebugException,
  program: string,
  source: string,
): DebugProtocol.ExceptionInfoResponse['body'] {
  const { type, message, uncaught, traceback } = exception;
  return {
    exceptionId: type,
    description: message,
    breakMode: uncaught ? 'unhandled' : 'always',
    details: {
      message,
      typeName: type,
      fullTypeName: type,
      ...(traceback.length > 0 && { stackTrace: tracebackText(traceback, program, source) }),
    },
  };
}

/** How often a traceback's repeated frame is written out. */
const shownRepeats = 3;

/** As Python prints it, without the exception itself: outermost frame first, each with its line of the script. */
export function tracebackText(
  frames: readonly { functionName: string; line: number }[],
  program: string,
  source: string,
): string {
  const lines = source.split(/\r\n|\r|\n/);
  const entries: { text: string; count: number }[] = [];
  for (const { functionName, line } of frames) {
    const code = lines[line - 1]?.trim() ?? '';
    const text = `  File "${program}", line ${line}, in ${functionName}${code === '' ? '' : `\n    ${code}`}`;
    const last = entries.at(-1);
    if (last?.text === text) last.count++;
    else entries.push({ text, count: 1 });
  }
  return entries.flatMap(({ text, count }) => repeated(text, count)).join('\n');
}

function repeated(text: string, count: number): string[] {
  const shown = new Array<string>(Math.min(count, shownRepeats)).fill(text);
  const hidden = count - shownRepeats;
  return hidden > 0 ? [...shown, `  [Previous line repeated ${hidden} more time${hidden > 1 ? 's' : ''}]`] : shown;
}
