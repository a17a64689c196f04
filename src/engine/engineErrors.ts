import type { EngineError } from '../common/engineContract';
import { GradstepError, PythonError } from '../common/errors';

/** An error as a client gets it. */
export function errorOf(thrown: unknown): EngineError {
  if (thrown instanceof GradstepError) {
    return {
      code: thrown.code,
      message: thrown instanceof PythonError ? `${thrown.exception}: ${thrown.message}` : thrown.message,
      line: thrown.line ?? null,
      hint: thrown.hint ?? null,
      audience: thrown.audience,
      traceback: [],
    };
  }
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { code: 'engine.bug', message, line: null, hint: null, audience: 'maintainer', traceback: [] };
}
