import type { EngineError } from '../common/engineContract';
import { GradstepError } from '../common/errors';

/** An error as a reply carries it. What was not raised on purpose is a bug of ours. */
export function engineErrorOf(thrown: unknown): EngineError {
  if (thrown instanceof GradstepError) {
    const { code, message, line, hint, audience } = thrown;
    return { code, message, line: line ?? null, hint: hint ?? null, audience, traceback: [] };
  }
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { code: 'panel.bug', message, line: null, hint: null, audience: 'maintainer', traceback: [] };
}
