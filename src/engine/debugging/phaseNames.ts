import type { Phase } from '../../common/phase';

/** What a function breakpoint may call a phase. */
const aliases: Readonly<Record<Phase, readonly string[]>> = {
  zero_grad: ['zero_grad', 'optimizer.zero_grad', 'model.zero_grad'],
  forward: ['forward', 'model', 'model.forward'],
  loss: ['loss', 'criterion', 'loss_fn'],
  backward: ['backward', 'loss.backward'],
  step: ['step', 'optimizer.step'],
  scheduler_step: ['scheduler_step', 'scheduler.step', 'lr_scheduler.step'],
};

/** The names that are offered when a breakpoint's name is unknown. */
export const offeredPhaseNames = Object.values(aliases).map((names) => names[1]!);

/** With or without the parentheses of a call; undefined for what is no phase. */
export function phaseOfName(name: string): Phase | undefined {
  const bare = name.trim().replace(/\(\s*\)$/, '');
  for (const [phase, names] of Object.entries(aliases)) if (names.includes(bare)) return phase as Phase;
  return undefined;
}
