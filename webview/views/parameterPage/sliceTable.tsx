import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from '../../controls';
import { formatNumber } from '../../format';
import type { Store } from '../../store';
import { dataText } from '../dataStrings';
import { useElements } from '../useElements';
import { Choice } from './choice';
import { elementAtPlace, indexOf, placeOf, slicesOf, type SlicePlace } from './elementIndex';
import type { PageTensor } from './pageTensors';
import { panelTitle } from './tensorPanel';

interface SliceTableProps {
  store: Store;
  tensors: readonly PageTensor[];
  parameter: string;
  shape: readonly number[];
  element: number;
}

const mostRows = 16;
const columnsShown = 10;
/** Rows are read whole: of very long ones fewer are shown. */
const mostElements = 50_000;

/** A tensor's numbers, one slice of its last two axes at a time; the arrow keys move the chosen element. */
export function SliceTable({ store, tensors, parameter, shape, element }: SliceTableProps) {
  const present = tensors.filter(({ address }) => address !== null);
  const [key, setKey] = useState('');
  const tensor = present.find((candidate) => candidate.key === key) ?? present[0];
  const slices = slicesOf(shape);
  const rowsShown = Math.max(1, Math.min(mostRows, Math.floor(mostElements / slices.columns)));
  const chosen = placeOf(slices, element);
  const [corner, setCorner] = useState(() => cornerOf(chosen, rowsShown));
  const frame = useRef<HTMLDivElement>(null);
  const moved = useRef(false);
  useEffect(() => setCorner(cornerOf(placeOf(slices, element), rowsShown)), [element]);
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    frame.current?.querySelector<HTMLElement>('td[aria-selected=true]')?.focus();
  });
  const rows = Math.min(rowsShown, slices.rows - corner.row);
  const columns = Math.min(columnsShown, slices.columns - corner.column);
  const start = (corner.slice * slices.rows + corner.row) * slices.columns;
  const length = Math.max(0, Math.min(rows * slices.columns, slices.elements - start));
  const { values, stale, error } = useElements(
    store,
    tensor ? { ...tensor.address!, start, length, total: slices.elements } : null,
  );
  if (!tensor) return null;
  const move = (by: { slice?: number; row?: number; column?: number }) => {
    const target = elementAtPlace(slices, {
      slice: chosen.slice + (by.slice ?? 0),
      row: chosen.row + (by.row ?? 0),
      column: chosen.column + (by.column ?? 0),
    });
    if (target !== null) store.setUi({ element: target });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = {
      ArrowLeft: { column: -1 },
      ArrowRight: { column: 1 },
      ArrowUp: { row: -1 },
      ArrowDown: { row: 1 },
      PageUp: { slice: -1 },
      PageDown: { slice: 1 },
    }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    moved.current = true;
    move(by);
  };
  return (
    <div class="slice-table">
      <div class="slice-controls">
        <Choice
          label={dataText('tensor')}
          value={tensor.key}
          options={present.map((one) => [one.key, panelTitle(one)] as const)}
          onChoose={setKey}
        />
        {slices.count > 1 && (
          <Pager
            text={`[${indexOf(slices.leading, corner.slice).join(', ')}, :, :]`}
            first={corner.slice === 0}
            last={corner.slice === slices.count - 1}
            onMove={(by) => setCorner({ slice: corner.slice + by, row: 0, column: 0 })}
          />
        )}
        {slices.rows > rowsShown && (
          <Pager
            text={dataText('rowsShown', corner.row, corner.row + rows - 1, slices.rows)}
            first={corner.row === 0}
            last={corner.row + rows >= slices.rows}
            onMove={(by) => setCorner({ ...corner, row: corner.row + by * rowsShown })}
          />
        )}
        {slices.columns > columnsShown && (
          <Pager
            text={dataText('columnsShown', corner.column, corner.column + columns - 1, slices.columns)}
            first={corner.column === 0}
            last={corner.column + columns >= slices.columns}
            onMove={(by) => setCorner({ ...corner, column: corner.column + by * columnsShown })}
          />
        )}
      </div>
      {error ? (
        <p class="absent">{error.message}</p>
      ) : (
        <div class={stale ? 'scroll-across awaited' : 'scroll-across'} ref={frame}>
          <table role="grid" aria-label={dataText('tableOf', panelTitle(tensor), parameter)} onKeyDown={onKeyDown}>
            <thead>
              <tr>
                <td />
                {range(columns).map((column) => (
                  <th key={column} scope="col" class="number">
                    {corner.column + column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {range(rows).map((row) => (
                <tr key={row}>
                  <th scope="row" class="number">
                    {corner.row + row}
                  </th>
                  {range(columns).map((column) => {
                    const at = elementAtPlace(slices, {
                      slice: corner.slice,
                      row: corner.row + row,
                      column: corner.column + column,
                    });
                    if (at === null) return <td key={column} />;
                    const value = values?.[at - start];
                    const selected = at === element;
                    return (
                      <td
                        key={column}
                        class={selected ? 'number selected' : 'number'}
                        aria-selected={selected}
                        tabIndex={selected ? 0 : -1}
                        onClick={() => {
                          moved.current = true;
                          store.setUi({ element: at });
                        }}
                      >
                        {value === undefined ? '…' : formatNumber(value * tensor.factor)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

interface PagerProps {
  text: string;
  first: boolean;
  last: boolean;
  onMove: (by: -1 | 1) => void;
}

function Pager({ text, first, last, onMove }: PagerProps) {
  return (
    <span class="pager">
      <IconButton icon="arrowLeft" label={dataText('previous')} disabled={first} onClick={() => onMove(-1)} />
      <span>{text}</span>
      <IconButton icon="arrowRight" label={dataText('next')} disabled={last} onClick={() => onMove(1)} />
    </span>
  );
}

function cornerOf({ slice, row, column }: SlicePlace, rowsShown: number): SlicePlace {
  return {
    slice,
    row: Math.floor(row / rowsShown) * rowsShown,
    column: Math.floor(column / columnsShown) * columnsShown,
  };
}

function range(count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, (_, i) => i);
}
