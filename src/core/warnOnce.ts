import type { OperationContext } from './operation';

const given = new WeakMap<OperationContext, Set<string>>();

/** A UserWarning that PyTorch gives once in a process, here once in a run. */
export function warnOnce(context: OperationContext, message: string): void {
  const messages = given.get(context) ?? new Set();
  if (messages.has(message)) return;
  given.set(context, messages.add(message));
  context.warn(message);
}
