import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { TensorAddress, TensorView } from '../../../src/common/engineContract';
import { Heatmap } from '../../charts/heatmap';
import { tileLayout, windowOf } from '../../charts/tileLayout';
import { formatNumber, formatShape } from '../../format';
import type { Store } from '../../store';
import { dataText } from '../dataStrings';
import { useElements } from '../useElements';
import { finiteRange } from './imagePixels';
import { sampleOf, type LayerRow } from './layerRows';

/** The most elements that a layer's picture shows. */
const pictureElements = 50_000;
const layerAspect = 1.9;
const tallestPicture = 150;

interface LayerLineProps {
  store: Store;
  row: LayerRow;
  /** The events that the output and the gradient are from; -1 before the backward. */
  forward: number;
  backward: number;
  batch: number | null;
  sample: number;
}

/** A layer with its output and, after backward, its gradient. Its tensors are read when it comes in sight. */
export function LayerLine({ store, row, forward, backward, batch, sample }: LayerLineProps) {
  const { path, type, output, gradient } = row;
  const line = useRef<HTMLLIElement>(null);
  const near = useInSight(line);
  const shared = { store, path, batch, sample };
  return (
    <li class="layer" ref={line} data-layer={path}>
      <div class="layer-head">
        <span class="mono layer-path">{path}</span>
        <span class="dim">{type}</span>
        <span class="dim">{formatShape(output.shape)}</span>
      </div>
      {near && (
        <div class="layer-pictures">
          <LayerPicture {...shared} title={dataText('output')} tensor={output} event={forward} />
          {gradient ? (
            <LayerPicture {...shared} title={dataText('layerGradient')} tensor={gradient} event={backward} />
          ) : (
            <figure class="layer-picture">
              <figcaption>{dataText('layerGradient')}</figcaption>
              <p class="absent">{dataText(backward < 0 ? 'gradientAfterBackward' : 'noLayerGradient')}</p>
            </figure>
          )}
        </div>
      )}
    </li>
  );
}

interface LayerPictureProps {
  store: Store;
  path: string;
  title: string;
  tensor: TensorView;
  event: number;
  batch: number | null;
  sample: number;
}

export function LayerPicture({ store, path, title, tensor, event, batch, sample }: LayerPictureProps) {
  const { kind, name, shape, available } = tensor;
  const place = sampleOf(shape, batch, sample);
  const window = windowOf(place.shape, pictureElements);
  const layout = useMemo(() => tileLayout(window.shape, layerAspect), [window.shape.join()]);
  const address: TensorAddress = { event, kind, name };
  const total = shape.reduce((product, size) => product * size, 1);
  const range = { ...address, start: place.start + window.start, length: window.length, total };
  const { values, stale, error } = useElements(store, available && total > 0 ? range : null);
  const { min, max } = useMemo(() => finiteRange(values ?? []), [values]);
  const scale = Math.max(Math.abs(min), Math.abs(max)) || 0;
  const label = dataText('layerImage', title, path, formatShape(place.shape), formatNumber(min), formatNumber(max));
  return (
    <figure class="layer-picture">
      <figcaption>
        {title}
        <span class="dim">{values ? `${formatNumber(min, 3)} … ${formatNumber(max, 3)}` : ''}</span>
      </figcaption>
      {!available || error ? (
        <p class="absent">{error ? error.message : dataText('dropped')}</p>
      ) : (
        <>
          <div class={stale ? 'picture awaited' : 'picture'}>
            <Heatmap
              data={values ?? []}
              layout={layout}
              scale={scale}
              label={label}
              largestPixel={12}
              tallest={tallestPicture}
            />
          </div>
          {window.parts > 1 && (
            <p class="layers-more dim">{dataText('part', window.from, window.to - 1, place.shape[0] ?? 1)}</p>
          )}
        </>
      )}
    </figure>
  );
}

/** Whether an element is in sight or was once. */
function useInSight(element: { current: HTMLElement | null }): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || !element.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
      },
      { rootMargin: '300px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [seen]);
  return seen;
}
