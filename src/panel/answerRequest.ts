import { GradstepError } from '../common/errors';
import type { PanelHandlers, PanelReply } from '../protocol/contract';
import { engineErrorOf } from './panelErrors';

/** Answers a message of the webview exactly once, whatever it asks; null for what is no request at all. */
export async function answerRequest(message: unknown, handlers: PanelHandlers): Promise<PanelReply | null> {
  if (!isRequest(message)) return null;
  const { id, name, body } = message;
  try {
    if (!Object.hasOwn(handlers, name)) {
      throw new GradstepError(`the panel's host does not know "${name}"`, { code: 'panel.unknownRequest' });
    }
    const handler = handlers[name as keyof PanelHandlers] as (body: unknown) => Promise<unknown>;
    return { kind: 'reply', id, ok: true, body: await handler(body) };
  } catch (thrown) {
    return { kind: 'reply', id, ok: false, error: engineErrorOf(thrown) };
  }
}

function isRequest(message: unknown): message is { id: number; name: string; body: unknown } {
  if (typeof message !== 'object' || message === null) return false;
  const { kind, id, name } = message as Record<string, unknown>;
  return kind === 'request' && typeof id === 'number' && typeof name === 'string';
}
