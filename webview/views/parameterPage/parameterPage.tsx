import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventView } from '../../../src/common/engineContract';
import { windowOf } from '../../charts/tileLayout';
import { IconButton } from '../../controls';
import { formatShape } from '../../format';
import { isTyping } from '../../keyboard';
import { useStore, type Store } from '../../store';
import type { UiState } from '../../uiState';
import { dataText } from '../dataStrings';
import { withCursor } from '../parameters/parameterRows';
import { Section } from '../section';
import { useShownEvent } from '../shownEvent';
import { findTensor, lastEventOf } from '../trainingEvents';
import { useReply } from '../useReply';
import { Choice } from './choice';
import { ChosenElement } from './chosenElement';
import { finiteScale } from './finiteScale';
import { biasCorrections, hasDelta, pageTensors, updatePlace, type PageTensor } from './pageTensors';
import { SliceTable } from './sliceTable';
import { StatisticsTable } from './statisticsTable';
import { pictureElements, TensorPanel, usePanelStatistics } from './tensorPanel';
import { UpdateFormula } from './updateFormula';

/** One parameter: its tensors through an update, side by side, and the update of a chosen element. */
export function ParameterPage({ store }: { store: Store }) {
  const name = useStore(store, ({ ui }) => ui.parameter);
  const cursorEvent = useShownEvent(store);
  if (name === null) return null;
  return <Page key={name} store={store} name={name} cursorEvent={cursorEvent} />;
}

interface PageProps {
  store: Store;
  name: string;
  cursorEvent: EventView | null;
}

function Page({ store, name, cursorEvent }: PageProps) {
  const view = useStore(store, ({ ui }) => ui.tensorView);
  useStore(store, ({ history }) => history.events.length);
  const cursor = cursorEvent?.index ?? -1;
  const place = updatePlace(
    cursorEvent ? withCursor(store, cursorEvent) : store,
    cursor,
    findTensor(cursorEvent, 'parameter', name)?.since,
  );
  const fetched = useStore(store, (s) => (place.event === cursor || place.event < 0 ? null : s.event(place.event)));
  const shownEvent = useRef<EventView | null>(null);
  const event = place.event === cursor ? cursorEvent : (fetched ?? shownEvent.current);
  shownEvent.current = event;
  const parameter = findTensor(event, 'parameter', name);
  const close = () => store.setUi({ parameter: null });
  useEffect(() => {
    const onKeyDown = (key: KeyboardEvent) => {
      if (key.key === 'Escape' && !key.defaultPrevented && !isTyping(key)) close();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <Section
      store={store}
      id="parameterPage"
      title={name}
      className="parameter-page"
      note={parameter && formatShape(parameter.shape)}
      actions={
        <>
          <Choice<UiState['tensorView']>
            label={dataText('viewChoice')}
            value={view}
            options={[
              ['image', dataText('viewImage')],
              ['histogram', dataText('viewHistogram')],
              ['table', dataText('viewTable')],
            ]}
            onChoose={(tensorView) => store.setUi({ tensorView })}
          />
          <IconButton icon="close" label={dataText('closePage')} onClick={close} />
        </>
      }
    >
      {event && parameter ? (
        <Update
          store={store}
          name={name}
          event={event}
          shape={parameter.shape}
          mode={place.mode}
          age={place.mode === 'update' && cursorEvent ? cursorEvent.iteration - event.iteration : 0}
        />
      ) : (
        <p class="dim">{dataText('missingParameter')}</p>
      )}
    </Section>
  );
}

interface UpdateProps {
  store: Store;
  name: string;
  /** The step's event, or the one under the cursor while the next step is awaited. */
  event: EventView;
  shape: readonly number[];
  mode: 'update' | 'pending';
  /** Iterations since. */
  age: number;
}

function Update({ store, name, event, shape, mode, age }: UpdateProps) {
  const view = useStore(store, ({ ui }) => ui.tensorView);
  const chosen = useStore(store, ({ ui }) => ui.element);
  const droppedBefore = useStore(store, ({ state }) => state?.snapshot?.droppedBefore ?? 0);
  const [part, setPart] = useState(0);
  const total = shape.reduce((product, size) => product * size, 1);
  const element = Math.min(chosen, Math.max(0, total - 1));
  const window = windowOf(shape, pictureElements, part);
  useEffect(() => {
    if (element < window.start || element >= window.start + window.length) {
      const slice = Math.floor(element / (total / (shape[0] ?? 1)));
      setPart(Math.floor(slice / Math.max(1, window.to - window.from)));
    }
  }, [element]);
  const stepped = lastEventOf(withCursor(store, event), event.index, ['step']) >= 0;
  const corrections = biasCorrections(event.optimizers, useStepCount(store, event, name));
  const tensors = pageTensors({ mode, event: event.index }, event, name, stepped, droppedBefore, corrections);
  const valueScale = useSharedScale(store, tensors);
  const old = age > 0;
  return (
    <>
      {mode === 'pending'
        ? tensors.some(({ part: shown, address }) => shown === 'gradient' && address) && (
            <p class="page-note">{dataText('pendingUpdate')}</p>
          )
        : old && <p class="page-note">{dataText('olderUpdate', event.iteration)}</p>}
      {view === 'table' ? (
        <SliceTable store={store} tensors={tensors} shape={shape} element={element} parameter={name} />
      ) : (
        <div class={`tensor-panels ${view}-panels`}>
          {tensors.map((tensor) => (
            <TensorPanel
              key={tensor.key}
              store={store}
              tensor={tensor}
              parameter={name}
              shape={shape}
              view={view}
              part={part}
              element={element}
              old={old || (mode === 'pending' && (tensor.part === 'state' || tensor.part === 'corrected'))}
              sharedScale={['before', 'now', 'after'].includes(tensor.part) ? valueScale : null}
            />
          ))}
        </div>
      )}
      {view === 'image' && window.parts > 1 && (
        <div class="pager">
          <IconButton
            icon="arrowLeft"
            label={dataText('previousPart')}
            disabled={part === 0}
            onClick={() => setPart(part - 1)}
          />
          <span>{dataText('part', window.from, window.to - 1, shape[0] ?? 1)}</span>
          <IconButton
            icon="arrowRight"
            label={dataText('nextPart')}
            disabled={part >= window.parts - 1}
            onClick={() => setPart(part + 1)}
          />
        </div>
      )}
      <ChosenElement store={store} name={name} shape={shape} element={element} />
      {(mode === 'pending' || hasDelta(event, name)) && (
        <UpdateFormula store={store} event={event} name={name} element={element} mode={mode} />
      )}
      <StatisticsTable store={store} tensors={tensors} />
    </>
  );
}

/** Before and after share one scale, so that what moved is what differs. */
function useSharedScale(store: Store, tensors: readonly PageTensor[]): number | null {
  const first = usePanelStatistics(store, tensors[0]!);
  const second = usePanelStatistics(store, tensors[tensors.length - 1]!);
  if (!first) return null;
  return Math.max(finiteScale(first), second && tensors[tensors.length - 1]!.address ? finiteScale(second) : 0);
}

/** The optimizer's count of steps for the parameter; null when it keeps none. */
function useStepCount(store: Store, event: EventView, name: string): number | null {
  const count = findTensor(event, 'state', `${name}/step`);
  const known = count?.statistics?.sum ?? count?.norm ?? null;
  const { value } = useReply(
    store,
    'statistics',
    count && known === null ? { event: event.index, kind: 'state', name: `${name}/step` } : null,
  );
  return known ?? value?.sum ?? null;
}
