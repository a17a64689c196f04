import type { DebugFrame } from '../../common/debugContract';
import type { Timeline } from '../../core/training/timeline';
import type { Debugger } from './debugger';

/** A frame as the call stack shows it, with what its variables are found by. */
export interface ShownFrame extends DebugFrame {
  /** Of the script's frames the innermost is 0: the one that its expressions are evaluated in. */
  scriptIndex: number;
}

/** The call stack of what is shown, innermost first: layers and phases lie over the script's own frames. */
export function shownFrames(debug: Debugger, timeline: Timeline): ShownFrame[] {
  const { moment } = debug;
  if (!moment) return [];
  const script = debug.scriptFrames();
  const own = moment.depth - script.length;
  const isScripts = moment.kind === 'statement' || moment.kind === 'error';
  const frames: Omit<ShownFrame, 'index'>[] = [];
  if (!isScripts) {
    const kind = moment.kind === 'event' ? 'phase' : (moment.kind as 'layer' | 'parameter');
    frames.push({ name: moment.name, kind, line: moment.line, canRestart: true, scriptIndex: 0 });
    if (own > 1) {
      const isForward = debug.log.ordinalAt(moment.moment) > 0;
      const name = isForward ? 'forward' : timeline.at(moment.event).record.phase;
      const line = script[0]?.line ?? moment.line;
      frames.push({ name, kind: 'phase', line, canRestart: true, scriptIndex: 0 });
    }
  }
  script.forEach(({ name, line }, scriptIndex) => {
    frames.push({ name, kind: 'script', line, canRestart: true, scriptIndex });
  });
  return frames.map((frame, index) => ({ ...frame, index }));
}
