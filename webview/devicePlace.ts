import type { StateSnapshot } from '../src/common/engineContract';
import { text } from './shellStrings';

/** Where graphs run, in a few words; and the provider with what stays on the CPU, for who asks. */
export function devicePlace({ device, onCpu }: Pick<StateSnapshot, 'device' | 'onCpu'>): {
  label: string;
  detail: string;
} {
  if (device === 'cpu') return { label: text('deviceCpu'), detail: text('provider', 'CPUExecutionProvider') };
  const provider = text('provider', 'CUDAExecutionProvider');
  const graphs = onCpu.reduce((sum, row) => sum + row.graphs, 0);
  if (graphs === 0) return { label: text('deviceCuda'), detail: `${provider}\n${text('deviceWhole')}` };
  const rows = onCpu.map((row) =>
    row.operators.length === 0
      ? text('graphOnCpu', row.graph, row.graphs)
      : text('graphOnCpuOperators', row.graph, row.graphs, row.operators.join(', ')),
  );
  return {
    label: text('devicePartly', graphs),
    detail: [provider, text('deviceStays'), ...rows].join('\n'),
  };
}
