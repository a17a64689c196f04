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
  const common = { type: null, canRestart: true, scriptIndex: 0 };
  if (!isScripts) {
    const kind = moment.kind === 'event' ? 'phase' : (moment.kind as 'layer' | 'parameter');
    const type = kind === 'layer' ? (debug.layerAt(moment.name)?.type ?? null) : null;
    frames.push({ ...common, name: moment.name, kind, type, line: moment.line });
    if (own > 1) {
      const isForward = debug.log.ordinalAt(moment.moment) > 0;
      const name = isForward ? 'forward' : timeline.at(moment.event).record.phase;
      const line = script[0]?.line ?? moment.line;
      frames.push({ ...common, name, kind: 'phase', line });
    }
  }
  script.forEach(({ name, line }, scriptIndex) => {
    frames.push({ ...common, name, kind: 'script', line, scriptIndex });
  });
  return frames.map((frame, index) => ({ ...frame, index }));
}
