import { precisePow } from '../../../src/common/preciseMath';
import type {
  ScheduleArgument,
  ScheduledOptimizer,
  ScheduleFunction,
  StateValue,
} from '../../../src/core/lrScheduler/schedule';
import { createSchedule } from '../../../src/core/lrScheduler/scheduleTable';

/** A Python value as the fixture writes it: an int, an infinity, a Counter, a dict, a function or a scheduler is tagged. */
export type Encoded =
  | null
  | boolean
  | number
  | string
  | readonly Encoded[]
  | {
      int?: string;
      float?: string;
      counter?: [string, string][];
      dict?: [string, Encoded][];
      function?: string;
      schedule?: string;
      args?: Record<string, Encoded>;
    };

const functions: Record<string, ScheduleFunction> = {
  decay: (epoch) => precisePow(0.95, Number(epoch)),
  inverse: (epoch) => 1 / (1 + Number(epoch)),
  warm: (epoch) => Math.min(1, (Number(epoch) + 1) / 7),
  constant: () => 0.9,
  step: (epoch) => (epoch % 4n === 0n ? 0.5 : 1),
  wave: (x) => 1 / precisePow(5, Number(x) * 0.0001),
  half: () => 0.5,
};

/** The fixture's optimizers: two groups with learning rates 0.05 and 0.5. */
export function createOptimizer(kind: string): ScheduledOptimizer {
  const own =
    kind === 'sgd'
      ? { momentum: 0.9 }
      : kind === 'adam'
        ? { betas: [0.9, 0.999] as readonly number[] }
        : { lr_decay: 0 };
  return {
    name: { sgd: 'SGD', adam: 'Adam', adagrad: 'Adagrad' }[kind]!,
    paramGroups: [0.05, 0.5].map((lr) => ({ lr, ...own })),
    defaults: own,
    stepTracked: false,
    stepCalled: false,
  };
}

export function decode(
  value: Encoded,
  optimizer: ScheduledOptimizer,
  warn: (message: string) => void,
): ScheduleArgument {
  const inner = (child: Encoded): ScheduleArgument => decode(child, optimizer, warn);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Encoded[]).map(inner) as StateValue[];
  const tagged = value as Exclude<Encoded, null | boolean | number | string | readonly Encoded[]>;
  if (tagged.int !== undefined) return BigInt(tagged.int);
  if (tagged.float !== undefined) return Number(tagged.float.replace('inf', 'Infinity'));
  if (tagged.counter) return new Map(tagged.counter.map(([key, count]) => [BigInt(key), BigInt(count)]));
  if (tagged.dict) return Object.fromEntries(tagged.dict.map(([key, child]) => [key, inner(child) as StateValue]));
  if (tagged.function !== undefined) return Object.assign(functions[tagged.function]!, { pure: true });
  return createSchedule(tagged.schedule!, optimizer, decodeAll(tagged.args!, optimizer, warn), warn) as never;
}

export function decodeAll(
  args: Record<string, Encoded>,
  optimizer: ScheduledOptimizer,
  warn: (message: string) => void,
): Record<string, ScheduleArgument> {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, decode(value, optimizer, warn)]));
}
