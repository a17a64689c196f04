import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useStore, type Store } from '../../store';
import { dataText } from '../dataStrings';
import { ParameterLine } from './parameterLine';
import { visibleRange, type DatedNumber, type ParameterRow, type SortColumn } from './parameterRows';

export interface ParameterTableProps {
  store: Store;
  rows: readonly ParameterRow[];
  /** A parameter's gradient norms over the last backwards. */
  trace: (name: string) => number[];
  event: number;
  /** The event of the last step; -1 before the first. */
  step: number;
}

const virtualFrom = 200;
const rowHeight = 23;

type TextKey = Parameters<typeof dataText>[0];

const columns: { id: SortColumn | 'trend'; title: TextKey; tip?: TextKey; className: string }[] = [
  { id: 'name', title: 'columnName', className: 'parameter-name' },
  { id: 'shape', title: 'columnShape', className: 'parameter-shape' },
  { id: 'norm', title: 'columnNorm', tip: 'explainNorm', className: 'number parameter-norm' },
  { id: 'gradient', title: 'columnGradient', tip: 'explainGradient', className: 'number' },
  { id: 'state', title: 'columnState', tip: 'explainState', className: 'parameter-state' },
  { id: 'delta', title: 'columnDelta', tip: 'explainDelta', className: 'number' },
  { id: 'ratio', title: 'columnRatio', tip: 'explainRatio', className: 'number parameter-ratio' },
  { id: 'notFinite', title: 'columnNotFinite', tip: 'explainNotFinite', className: 'number parameter-finite' },
  { id: 'trend', title: 'columnTrend', tip: 'explainTrend', className: 'parameter-trend' },
];

/** The rows; only those in sight when there are many. Up and down move, Enter opens a parameter's page. */
export function ParameterTable({ store, rows, trace, event, step }: ParameterTableProps) {
  const sort = useStore(store, ({ ui }) => ui.parameterSort);
  const selected = useStore(store, ({ ui }) => ui.parameter);
  const frame = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 480 });
  const focusNext = useRef(false);
  const [, redraw] = useState({});
  const activeIndex = Math.max(
    0,
    rows.findIndex(({ name }) => name === (active ?? selected)),
  );
  const [from, to] =
    rows.length > virtualFrom ? visibleRange(rows.length, scroll.top, scroll.height, rowHeight) : [0, rows.length];

  useLayoutEffect(() => {
    if (!focusNext.current) return;
    const line = frame.current?.querySelector<HTMLElement>(`tr[aria-rowindex="${activeIndex + 2}"]`);
    if (!line) return;
    focusNext.current = false;
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: 'nearest' });
  });
  const wasSelected = useRef(selected);
  useLayoutEffect(() => {
    const closed = selected === null ? wasSelected.current : null;
    wasSelected.current = selected;
    if (closed === null) return;
    const index = rows.findIndex(({ name }) => name === closed);
    if (index < 0) return;
    focusNext.current = true;
    if (rows.length > virtualFrom) revealRow(frame.current, index);
    setActive(closed);
    redraw({});
  }, [selected]);
  const open = (name: string) => {
    setActive(name);
    store.setUi({ parameter: name, element: 0, folded: store.ui.folded.filter((id) => id !== 'parameterPage') });
    requestAnimationFrame(bringPageUp);
  };
  const onKeyDown = (key: KeyboardEvent) => {
    if (key.ctrlKey || key.metaKey || key.altKey || !(key.target instanceof HTMLTableRowElement)) return;
    const target = {
      ArrowDown: activeIndex + 1,
      ArrowUp: activeIndex - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: activeIndex + 15,
      PageUp: activeIndex - 15,
    }[key.key];
    if (target !== undefined) {
      const index = Math.min(rows.length - 1, Math.max(0, target));
      setActive(rows[index]!.name);
      focusNext.current = true;
      if (rows.length > virtualFrom) revealRow(frame.current, index);
    } else if (key.key === 'Enter') open(rows[activeIndex]!.name);
    else return;
    key.preventDefault();
    key.stopPropagation();
  };
  return (
    <div
      class={rows.length > virtualFrom ? 'parameters long' : 'parameters'}
      ref={frame}
      onScroll={
        rows.length > virtualFrom
          ? (scrolled) => {
              const { scrollTop: top, clientHeight: height } = scrolled.currentTarget;
              setScroll({ top, height });
            }
          : undefined
      }
    >
      <table role="grid" aria-label={dataText('parameters')} aria-rowcount={rows.length + 1} onKeyDown={onKeyDown}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(({ id, title, tip, className }) => (
              <th
                key={id}
                scope="col"
                class={className}
                title={tip && dataText(tip)}
                aria-sort={sort?.column === id ? (sort.descending ? 'descending' : 'ascending') : undefined}
              >
                {id === 'trend' ? (
                  dataText(title)
                ) : (
                  <button class="sort" onClick={() => store.setUi({ parameterSort: nextSort(sort, id) })}>
                    {dataText(title)}
                    <span class="sort-mark" aria-hidden="true">
                      {sort?.column === id ? (sort.descending ? '▾' : '▴') : ''}
                    </span>
                  </button>
                )}
                <Origin numbers={originsOf(rows, id)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {from > 0 && <tr class="spacer" aria-hidden="true" style={{ height: `${from * rowHeight}px` }} />}
          {rows.slice(from, to).map((row, offset) => (
            <ParameterLine
              key={row.name}
              store={store}
              row={row}
              rowIndex={from + offset + 2}
              event={event}
              step={step}
              trend={trace(row.name)}
              selected={row.name === selected}
              focusable={from + offset === activeIndex}
              onOpen={open}
            />
          ))}
          {to < rows.length && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${(rows.length - to) * rowHeight}px` }} />
          )}
        </tbody>
      </table>
    </div>
  );
}

/** Under a column's title: the iteration that its greyed numbers are from, when it is one for all. */
function Origin({ numbers }: { numbers: readonly (DatedNumber | null)[] }) {
  const dated = numbers.filter((number) => number !== null);
  const iteration = dated[0]?.iteration;
  if (iteration === undefined || !dated.every((number) => number.stale && number.iteration === iteration)) return null;
  return <span class="column-origin">{dataText('fromIteration', iteration)}</span>;
}

function originsOf(rows: readonly ParameterRow[], column: string): (DatedNumber | null)[] {
  if (column === 'gradient') return rows.map(({ gradient }) => gradient);
  return column === 'delta' ? rows.map(({ delta }) => delta) : [];
}

/** Numbers begin with the largest; a third click gives the model's own order back. */
function nextSort(sort: { column: string; descending: boolean } | null, column: string): typeof sort {
  const first = column !== 'name';
  if (sort?.column !== column) return { column, descending: first };
  return sort.descending === first ? { column, descending: !first } : null;
}

/**
 * Scrolls a page that begins in the lower half of the panel, or out of sight, up to the middle; the row that it is of
 * stays below the header.
 */
function bringPageUp(): void {
  const topOf = (selector: string) => document.querySelector(selector)?.getBoundingClientRect().top;
  const page = topOf('[data-section="parameterPage"]');
  if (page === undefined) return;
  const middle = window.innerHeight * 0.45;
  if (page <= middle && page >= 0) return;
  const header = document.querySelector('.top')?.getBoundingClientRect().bottom ?? 0;
  const row = topOf('.parameters tr[aria-selected="true"]');
  const most = row === undefined ? Infinity : row - header - rowHeight;
  window.scrollBy({ top: Math.min(page - middle, most) });
}

function revealRow(frame: HTMLElement | null, index: number): void {
  if (!frame) return;
  const top = index * rowHeight;
  const space = frame.clientHeight - 3 * rowHeight;
  if (top < frame.scrollTop) frame.scrollTop = top;
  else if (top > frame.scrollTop + space) frame.scrollTop = top - space;
}
