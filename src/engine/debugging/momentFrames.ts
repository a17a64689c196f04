import type { Timeline } from '../../core/training/timeline';
import type { TrainingState } from '../../core/training/trainingState';
import type { Runtime } from '../../script/interpreter/runtime';
import type { CaptureRing } from './captureRing';
import { liveFrames, notKept, pastFrame, type FrameSource } from './frameEvaluator';
import type { MomentLog } from './momentLog';
import { withEventTensors } from './pastTensors';

/** What a moment's variables are found in. */
export interface MomentSources {
  readonly runtime: Runtime;
  readonly state: TrainingState;
  readonly log: MomentLog;
  readonly ring: CaptureRing;
  timeline(): Timeline;
}

/** The script's frames at a moment: the live ones where the script stands, what was kept of them elsewhere. */
export function framesAt({ runtime, state, log, ring, timeline }: MomentSources, momentOf: () => number): FrameSource {
  const live = liveFrames(runtime);
  const isLive = (): boolean => momentOf() === log.length - 1;
  return {
    isKept: () => isLive() || ring.at(momentOf()) !== undefined,
    frames: () => (isLive() ? live.frames() : (ring.at(momentOf()) ?? notKept()).capture.frames.map(pastFrame)),
    during: (body) => {
      if (isLive()) return body();
      const event = log.eventAt(momentOf());
      const capture = ring.at(momentOf())?.capture;
      if (!capture) return withEventTensors(state, timeline(), event, body);
      // The training's objects are found by the globals of then; what was captured of them is newer than the event.
      return capture.withGlobals(runtime, () =>
        withEventTensors(state, timeline(), event, () => capture.withContents(body)),
      );
    },
  };
}
