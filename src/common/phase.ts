/** The phases of a training loop, in PyTorch's words: what a training event can be. */
export const phases = ['zero_grad', 'forward', 'loss', 'backward', 'step', 'scheduler_step'] as const;

export type Phase = (typeof phases)[number];
