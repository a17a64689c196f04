import { useMemo } from 'preact/hooks';
import type { Statistics } from '../../../src/common/engineContract';
import { Heatmap, ScaleBar } from '../../charts/heatmap';
import { HistogramChart } from '../../charts/histogram';
import { tileLayout, windowOf, type TensorWindow } from '../../charts/tileLayout';
import { formatCount, formatNumber, formatRate, formatShape } from '../../format';
import type { Store } from '../../store';
import { dataText } from '../dataStrings';
import { exactNumber } from '../exactNumber';
import { useElements } from '../useElements';
import { useReply } from '../useReply';
import { finiteScale } from './finiteScale';
import type { PageTensor } from './pageTensors';

/** The most elements that one picture shows. */
export const pictureElements = 100_000;

const histogramBins = 41;
const tallestPicture = 280;

interface TensorPanelProps {
  store: Store;
  tensor: PageTensor;
  parameter: string;
  shape: readonly number[];
  view: 'image' | 'histogram';
  part: number;
  element: number;
  /** The panel shows an update that is not the event's own. */
  old: boolean;
  /** The absolute value with the full colour; null: the tensor's own largest. */
  sharedScale: number | null;
}

/** One of a parameter's tensors with its range, and the chosen element's value. */
export function TensorPanel(props: TensorPanelProps) {
  const { tensor, old } = props;
  const title = panelTitle(tensor);
  return (
    <figure class={old ? 'tensor-panel stale' : 'tensor-panel'} data-part={tensor.key}>
      <figcaption title={title}>{title}</figcaption>
      {tensor.address ? (
        <PanelBody {...props} title={title} />
      ) : (
        <p class="absent">{tensor.absence && dataText(tensor.absence)}</p>
      )}
    </figure>
  );
}

export function panelTitle({ part, slot }: PageTensor): string {
  if (part === 'state') return slot === '' ? dataText('optimizerState') : slot;
  return part === 'corrected' ? dataText('biasCorrected', slot) : dataText(part);
}

function PanelBody({
  store,
  tensor,
  parameter,
  shape,
  view,
  part,
  element,
  sharedScale,
  title,
}: TensorPanelProps & { title: string }) {
  const { address, factor } = tensor;
  const statistics = usePanelStatistics(store, tensor);
  const range = statistics && { min: statistics.min * factor, max: statistics.max * factor };
  const scale = sharedScale ?? (statistics ? finiteScale(statistics) * Math.abs(factor) : 0);
  const choose = (chosen: number) => store.setUi({ element: chosen });
  const window = windowOf(shape, pictureElements, part);
  return (
    <>
      {view === 'image' ? (
        <Picture
          store={store}
          tensor={tensor}
          window={window}
          total={product(shape)}
          scale={scale}
          element={element}
          onSelect={choose}
          label={dataText(
            'imageLabel',
            title,
            parameter,
            formatShape(shape),
            formatNumber(range?.min ?? NaN),
            formatNumber(range?.max ?? NaN),
          )}
        />
      ) : (
        <PanelHistogram store={store} tensor={tensor} title={title} element={element} total={product(shape)} />
      )}
      <p class="panel-range">
        {range ? `${formatNumber(range.min, 3)} … ${formatNumber(range.max, 3)}` : dataText('loading')}
      </p>
      <p class="panel-value">
        <ElementValue store={store} address={address!} element={element} total={product(shape)} factor={factor} />
      </p>
    </>
  );
}

interface PictureProps {
  store: Store;
  tensor: PageTensor;
  window: TensorWindow;
  total: number;
  scale: number;
  element: number;
  label: string;
  onSelect: (element: number) => void;
}

function Picture({ store, tensor, window, total, scale, element, label, onSelect }: PictureProps) {
  const { address, factor } = tensor;
  const { start, length } = window;
  const layout = useMemo(() => tileLayout(window.shape), [window.shape.join()]);
  const { values, stale, error } = useElements(store, { ...address!, start, length, total });
  const shown = useMemo(
    () => (factor === 1 ? values : (values?.map((value) => value * factor) ?? null)),
    [values, factor],
  );
  if (error) return <p class="absent">{error.message}</p>;
  return (
    <>
      <div class={stale ? 'picture awaited' : 'picture'}>
        <Heatmap
          data={shown ?? noValues}
          layout={layout}
          scale={scale}
          tallest={tallestPicture}
          label={dataText('chooseLabel', label)}
          selected={element >= start && element < start + length ? element - start : null}
          onSelect={(inside) => onSelect(inside + start)}
        />
      </div>
      <ScaleBar scale={scale} format={(value) => formatNumber(value, 2)} />
    </>
  );
}

const noValues = new Float64Array(0);

interface PanelHistogramProps {
  store: Store;
  tensor: PageTensor;
  title: string;
  element: number;
  total: number;
}

function PanelHistogram({ store, tensor, title, element, total }: PanelHistogramProps) {
  const { address, factor } = tensor;
  const { last, error } = useReply(store, 'histogram', { ...address!, bins: histogramBins });
  const mark = useElementValue(store, address!, element, total);
  if (error) return <p class="absent">{error.message}</p>;
  if (!last) return <p class="absent">{dataText('loading')}</p>;
  const scaled = factor === 1 ? last : { ...last, edges: last.edges.map((edge) => edge * factor) };
  const { edges, counts, zeros, nan, infinite } = scaled;
  const from = formatNumber(edges[0] ?? NaN);
  const to = formatNumber(edges[edges.length - 1] ?? NaN);
  const inBins = counts.reduce((sum, count) => sum + count, 0);
  return (
    <>
      <HistogramChart
        histogram={scaled}
        mark={mark === null ? null : mark * factor}
        format={(value) => formatRate(Number(value.toPrecision(3)))}
        label={dataText('histogramLabel', title, formatCount(inBins), from, to, formatCount(zeros))}
      />
      <p class="panel-counts">
        {zeros > 0 && <span>{dataText('histogramZeros', formatCount(zeros))}</span>}
        {nan > 0 && <span class="bad">{dataText('histogramNan', formatCount(nan))}</span>}
        {infinite > 0 && <span class="bad">{dataText('histogramInfinite', formatCount(infinite))}</span>}
      </p>
    </>
  );
}

interface ElementValueProps {
  store: Store;
  address: NonNullable<PageTensor['address']>;
  element: number;
  total: number;
  factor: number;
}

function ElementValue({ store, address, element, total, factor }: ElementValueProps) {
  const value = useElementValue(store, address, element, total);
  return <>{value === null ? '…' : exactNumber(value * factor)}</>;
}

function useElementValue(
  store: Store,
  address: ElementValueProps['address'],
  element: number,
  total: number,
): number | null {
  const { values, stale } = useElements(store, { ...address, start: element, length: 1, total });
  return stale ? null : (values?.[0] ?? null);
}

/** The event's own statistics, or those that are asked for; the ones before while they come. */
export function usePanelStatistics(store: Store, { address, view }: PageTensor): Statistics | null {
  const { last } = useReply(store, 'statistics', view?.statistics ? null : address);
  return view?.statistics ?? last;
}

function product(shape: readonly number[]): number {
  return shape.reduce((result, size) => result * size, 1);
}
