import { useMemo } from 'preact/hooks';
import type { EventView } from '../../../src/common/engineContract';
import { formatNumber, formatPercent, formatShape } from '../../format';
import { useStore, type Store } from '../../store';
import { dataText } from '../dataStrings';
import { findTensor } from '../trainingEvents';
import type { ElementRange } from '../elementPages';
import { useElements } from '../useElements';
import { finiteRange, imageShapeOf } from './imagePixels';
import { InputPicture } from './inputPicture';
import { LayerPicture } from './layerLine';
import { classBars, fittingNames, probabilitiesOf, sampleOf } from './layerRows';

const barsShown = 6;
const mostClasses = 10_000;

interface InputAndOutputProps {
  store: Store;
  forward: EventView;
  loss: EventView | null;
  batch: number | null;
  sample: number;
}

/** The sample that went in with its label, and the class probabilities that came out. */
export function InputAndOutput({ store, forward, loss, batch, sample }: InputAndOutputProps) {
  const inputs = forward.tensors.filter(({ kind }) => kind === 'input');
  const label = useLabel(store, loss, batch, sample);
  const output = findTensor(forward, 'output', '');
  const names = fittingNames(
    useStore(store, ({ state }) => state?.snapshot?.classNames),
    (output && sampleOf(output.shape, batch, sample).shape[0]) ?? 0,
  );
  const labelName = label === null ? undefined : names?.[label];
  return (
    <div class="input-output">
      {inputs.map((input) => {
        const place = sampleOf(input.shape, batch, sample);
        const image = imageShapeOf(place.shape);
        const title = inputs.length > 1 ? dataText('inputPart', input.name) : dataText('input');
        return image && input.available ? (
          <figure class="input-figure" key={input.name}>
            <figcaption>
              {title}
              {label !== null && (
                <span class="input-label">
                  {labelName === undefined ? dataText('label', label) : dataText('namedLabel', labelName)}
                </span>
              )}
            </figcaption>
            <ReadPicture
              store={store}
              image={image}
              range={{
                event: forward.index,
                kind: 'input',
                name: input.name,
                start: place.start,
                length: image.channels * image.height * image.width,
                total: input.shape.reduce((product, size) => product * size, 1),
              }}
            />
          </figure>
        ) : (
          <LayerPicture
            key={input.name}
            store={store}
            path={title}
            title={title}
            tensor={input}
            event={forward.index}
            batch={batch}
            sample={sample}
          />
        );
      })}
      <Probabilities store={store} forward={forward} batch={batch} sample={sample} label={label} names={names} />
    </div>
  );
}

interface ReadPictureProps {
  store: Store;
  image: NonNullable<ReturnType<typeof imageShapeOf>>;
  range: ElementRange;
}

function ReadPicture({ store, image, range }: ReadPictureProps) {
  const { values, stale } = useElements(store, range);
  const { min, max } = useMemo(() => finiteRange(values ?? []), [values]);
  const shape = formatShape(image.channels === 1 ? [image.height, image.width] : [3, image.height, image.width]);
  return (
    <div class={stale ? 'picture awaited' : 'picture'}>
      <InputPicture
        values={values}
        shape={image}
        label={dataText('inputLabel', shape, formatNumber(min), formatNumber(max))}
      />
      <p class="panel-range">
        {formatNumber(min, 3)} … {formatNumber(max, 3)}
      </p>
    </div>
  );
}

interface ProbabilitiesProps {
  store: Store;
  forward: EventView;
  batch: number | null;
  sample: number;
  label: number | null;
  names: readonly string[] | null;
}

function Probabilities({ store, forward, batch, sample, label, names }: ProbabilitiesProps) {
  const output = findTensor(forward, 'output', '');
  const place = output ? sampleOf(output.shape, batch, sample) : null;
  const classes = place?.shape[0] ?? 0;
  const classifies =
    output !== null && output.available && place!.shape.length === 1 && classes > 1 && classes <= mostClasses;
  const total = output?.shape.reduce((product, size) => product * size, 1) ?? 0;
  const range: ElementRange | null = classifies
    ? { event: forward.index, kind: 'output', name: '', start: place!.start, length: classes, total }
    : null;
  const { values, stale } = useElements(store, range);
  if (!classifies || !values) return null;
  const bars = classBars(probabilitiesOf(values), label, barsShown);
  return (
    <figure class={stale ? 'probabilities awaited' : 'probabilities'}>
      <figcaption>{dataText('probabilities')}</figcaption>
      <ul>
        {bars.map(({ index, probability, isLabel }) => (
          <li key={index} class={isLabel ? 'is-label' : undefined}>
            <span class="class-name" title={dataText('classNumber', index)}>
              {names?.[index] ?? dataText('classNumber', index)}
            </span>
            <span class="class-track">
              <span class="class-bar" style={{ width: `${probability * 100}%` }} />
            </span>
            <span class="number">{formatPercent(probability)}</span>
            <span class="class-note">{isLabel ? dataText('isLabel') : ''}</span>
          </li>
        ))}
      </ul>
      {classes > bars.length && <p class="layers-more dim">{dataText('otherClasses', classes - bars.length)}</p>}
    </figure>
  );
}

/** The sample's class when the target is one index per sample. */
function useLabel(store: Store, loss: EventView | null, batch: number | null, sample: number): number | null {
  const target = findTensor(loss, 'target', '');
  const indexed = target?.dtype === 'int64' && target.available && target.shape.length === 1;
  const fits = indexed && (batch === null || target.shape[0] === batch);
  const total = target?.shape[0] ?? 0;
  const { values } = useElements(
    store,
    fits && sample < total ? { event: loss!.index, kind: 'target', name: '', start: sample, length: 1, total } : null,
  );
  return fits ? (values?.[0] ?? null) : null;
}
