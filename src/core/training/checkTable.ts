import type { CheckName } from '../../common/engineContract';

/** One kind of finding about a training loop. */
interface CheckRow {
  title: string;
  severity: 'info' | 'warning' | 'error';
  message: (numbers: Record<string, number>, subjects: readonly string[]) => string;
  /** What to try. */
  suggestion: string;
}

const names = (subjects: readonly string[]): string =>
  subjects.length <= 4 ? subjects.join(', ') : `${subjects.slice(0, 3).join(', ')} and ${subjects.length - 3} more`;

const counted = (count: number | undefined, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export const checkTable: Readonly<Record<CheckName, CheckRow>> = {
  accumulated: {
    title: 'Gradients pile up',
    severity: 'warning',
    message: ({ backwards, parameters }, subjects) =>
      `The gradients of ${counted(parameters, 'parameter')} (${names(subjects)}) are the sum of ${backwards} backward passes, across steps that had already used them.`,
    suggestion: 'Call optimizer.zero_grad() once per step, before backward().',
  },
  stepWithoutBackward: {
    title: 'A step without new gradients',
    severity: 'warning',
    message: ({ parameters }, subjects) =>
      `step() changed ${counted(parameters, 'parameter')} (${names(subjects)}) with gradients that an earlier step had already used.`,
    suggestion: 'Call loss.backward() before each optimizer.step().',
  },
  schedulerFirst: {
    title: 'The scheduler steps before the optimizer',
    severity: 'warning',
    message: () => 'scheduler.step() was called before any optimizer.step(): the first learning rate is skipped.',
    suggestion: 'Call optimizer.step() first, and scheduler.step() after it.',
  },
  schedulerInstead: {
    title: 'The optimizer never steps',
    severity: 'error',
    message: ({ schedulerSteps, backwards }) =>
      `${schedulerSteps} scheduler steps and ${backwards} backward passes, and not one optimizer.step(): the parameters do not change.`,
    suggestion: 'Call optimizer.step() after backward(); scheduler.step() only sets the learning rate.',
  },
  neverChanges: {
    title: 'Parameters that never change',
    severity: 'warning',
    message: ({ parameters, steps }, subjects) =>
      `Not changed by ${counted(steps, 'step')}: ${counted(parameters, 'parameter')} (${names(subjects)}).`,
    suggestion:
      'Check that they are given to the optimizer, that the loss depends on them, and that the learning rate is not 0.',
  },
  vanishing: {
    title: 'Vanishing gradients',
    severity: 'warning',
    message: ({ limit, backwards }, subjects) =>
      `The gradients of ${names(subjects)} had a root mean square below ${limit} in ${backwards} backward passes in a row.`,
    suggestion: 'Try ReLU in place of sigmoid or tanh, batch normalization, or another initialisation.',
  },
  exploding: {
    title: 'Exploding gradients',
    severity: 'warning',
    message: ({ limit }, subjects) => `Gradient norms above ${limit}: ${names(subjects)}.`,
    suggestion: 'Lower the learning rate, normalise the inputs, or clip with nn.utils.clip_grad_norm_.',
  },
  notFinite: {
    title: 'NaN or infinity',
    severity: 'error',
    message: ({ nan, infinite, event }, subjects) =>
      `Event ${event} is the first with values that are not finite: ${names(subjects)} has ${nan} NaN and ${infinite} infinite elements.`,
    suggestion: 'Lower the learning rate, and look at the event before for a log, a division or an exp that overflows.',
  },
};
