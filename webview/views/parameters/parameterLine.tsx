import { Sparkline } from '../../charts/sparkline';
import { formatNumber, formatShape } from '../../format';
import type { Store } from '../../store';
import { dataText } from '../dataStrings';
import { useReply } from '../useReply';
import type { DatedNumber, ParameterRow } from './parameterRows';

export interface ParameterLineProps {
  store: Store;
  row: ParameterRow;
  rowIndex: number;
  event: number;
  step: number;
  trend: readonly number[];
  selected: boolean;
  focusable: boolean;
  onOpen: (name: string) => void;
}

/** One parameter. What the event's view leaves out because it is costly is asked for by the rows in sight. */
export function ParameterLine(props: ParameterLineProps) {
  const { store, row, rowIndex, event, step, trend, selected, focusable, onOpen } = props;
  const { name, shape, gradient, delta } = row;
  const norm = useNorm(store, row.norm.value, { event, kind: 'parameter', name });
  const gradientNorm = useNorm(store, gradient ? gradient.value : 0, { event, kind: 'gradient', name });
  const deltaNorm = useNorm(store, step >= 0 && delta ? delta.value : 0, { event: step, kind: 'delta', name });
  const ratio = row.ratio ?? (delta && norm !== null && deltaNorm !== null && norm > 0 ? deltaNorm / norm : null);
  return (
    <tr
      aria-rowindex={rowIndex}
      aria-selected={selected}
      class={selected ? 'selected' : undefined}
      tabIndex={focusable ? 0 : -1}
      onClick={() => onOpen(name)}
      data-parameter={name}
    >
      <th scope="row" class="parameter-name mono" title={name}>
        <bdi dir="ltr">{name}</bdi>
      </th>
      <td class="parameter-shape dim">{formatShape(shape)}</td>
      <DatedCell number={{ ...row.norm, value: norm }} className="parameter-norm" />
      <DatedCell number={gradient && { ...gradient, value: gradientNorm }} />
      <td class="parameter-state">
        <GradientTag row={row} />
      </td>
      <DatedCell number={delta && { ...delta, value: deltaNorm }} />
      <DatedCell number={delta && { ...delta, value: ratio }} className="parameter-ratio" digits={2} />
      <td class={row.notFinite === 0 ? 'number parameter-finite dim' : 'number parameter-finite bad'}>
        {row.notFinite ?? '…'}
      </td>
      <td class="parameter-trend">
        <Trend values={trend} />
      </td>
    </tr>
  );
}

interface DatedCellProps {
  number: DatedNumber | null;
  className?: string;
  digits?: number;
}

function DatedCell({ number, className, digits = 4 }: DatedCellProps) {
  if (number === null) return <td class={`number dim ${className ?? ''}`}>–</td>;
  const { value, stale, iteration } = number;
  const text = value === null ? '…' : formatNumber(value, digits);
  const tip = stale ? dataText('staleValue', text, iteration) : undefined;
  const finite = value === null || Number.isFinite(value);
  return (
    <td class={`number ${className ?? ''} ${stale ? 'stale' : ''} ${finite ? '' : 'bad'}`} title={tip} aria-label={tip}>
      {text}
    </td>
  );
}

function GradientTag({ row }: { row: ParameterRow }) {
  const { gradientState, backwards, gradient } = row;
  if (gradient?.stale && gradientState === 'fresh') return <span class="tag">{dataText('stateUsed')}</span>;
  const text = {
    none: dataText('stateNone'),
    zero: dataText('stateZero'),
    fresh: dataText('stateFresh'),
    accumulated: dataText('stateAccumulated', backwards),
  }[gradientState];
  return <span class={`tag tag-${gradientState}`}>{text}</span>;
}

function Trend({ values }: { values: readonly number[] }) {
  const known = values.filter(Number.isFinite);
  if (known.length < 2) return null;
  const [first, last] = [known[0]!, known[known.length - 1]!];
  return (
    <Sparkline values={values} label={dataText('trendLabel', known.length, formatNumber(first), formatNumber(last))} />
  );
}

/** The known norm, or the one that is asked for. */
function useNorm(
  store: Store,
  known: number | null,
  address: { event: number; kind: 'parameter' | 'gradient' | 'delta'; name: string },
): number | null {
  const { value } = useReply(store, 'statistics', known === null && address.event >= 0 ? address : null);
  return known ?? value?.l2 ?? null;
}
