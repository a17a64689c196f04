import { useState } from 'preact/hooks';
import type { EventView } from '../../../src/common/engineContract';
import { IconButton } from '../../controls';
import { useStore, type Store } from '../../store';
import { dataText } from '../dataStrings';
import { withCursor } from '../parameters/parameterRows';
import { Section } from '../section';
import { useShownEvent } from '../shownEvent';
import { InputAndOutput } from './inputAndOutput';
import { LayerLine } from './layerLine';
import { batchOf, layerEvents, layerRows, type LayerEvents } from './layerRows';

/** What the last forward did: its input, every layer's output, the probabilities, and the gradients that came back. */
export function LayersView({ store }: { store: Store }) {
  const cursorEvent = useShownEvent(store);
  useStore(store, ({ history }) => history.events.length);
  const events: LayerEvents = cursorEvent
    ? layerEvents(withCursor(store, cursorEvent), cursorEvent.index)
    : { forward: -1, loss: -1, backward: -1 };
  const forward = useEvent(store, events.forward, cursorEvent);
  const loss = useEvent(store, events.loss, cursorEvent);
  const backward = useEvent(store, events.backward, cursorEvent);
  const [chosen, setSample] = useState(0);
  const batch = forward ? batchOf(forward) : null;
  const sample = Math.min(chosen, Math.max(0, (batch ?? 1) - 1));
  const rows = forward ? layerRows(forward, backward) : [];
  return (
    <Section
      store={store}
      id="layers"
      title={dataText('layers')}
      note={forward && dataText('layersNote', forward.iteration)}
      actions={
        batch !== null && batch > 1 ? (
          <span class="pager">
            <IconButton
              icon="arrowLeft"
              label={dataText('previousSample')}
              disabled={sample === 0}
              onClick={() => setSample(sample - 1)}
            />
            <span>{dataText('sample', sample + 1, batch)}</span>
            <IconButton
              icon="arrowRight"
              label={dataText('nextSample')}
              disabled={sample === batch - 1}
              onClick={() => setSample(sample + 1)}
            />
          </span>
        ) : undefined
      }
    >
      {!forward || forward.tensors.every(({ kind }) => kind !== 'layer' && kind !== 'input') ? (
        <p class="dim">{dataText('noLayers')}</p>
      ) : (
        <>
          <InputAndOutput store={store} forward={forward} loss={loss} batch={batch} sample={sample} />
          <ol class="layers">
            {rows.map((row) => (
              <LayerLine
                key={row.path}
                store={store}
                row={row}
                forward={forward.index}
                backward={events.backward}
                batch={batch}
                sample={sample}
              />
            ))}
          </ol>
        </>
      )}
    </Section>
  );
}

/** An event's view: the shown one itself, or from the store. */
function useEvent(store: Store, index: number, shown: EventView | null): EventView | null {
  return useStore(store, (s) => {
    if (index < 0) return null;
    return index === shown?.index ? shown : s.event(index);
  });
}
