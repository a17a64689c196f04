import { useMemo } from 'preact/hooks';
import { TextField } from '../../controls';
import { formatCount } from '../../format';
import { useStore, type Store } from '../../store';
import { dataText } from '../dataStrings';
import { Section } from '../section';
import { useShownEvent } from '../shownEvent';
import { lastEventOf } from '../trainingEvents';
import { arrangeRows, parameterRows, withCursor } from './parameterRows';
import { ParameterTable } from './parameterTable';
import { useGradientTrace } from './useGradientTrace';

/** A row for each parameter of the event under the cursor. */
export function ParametersView({ store }: { store: Store }) {
  const event = useShownEvent(store);
  const filter = useStore(store, ({ ui }) => ui.parameterFilter);
  const sort = useStore(store, ({ ui }) => ui.parameterSort);
  const busy = useStore(store, ({ state }) => state?.busy ?? false);
  const known = useStore(store, ({ history }) => history.events.length);
  const stepIndex = event ? lastEventOf(withCursor(store, event), event.index, ['step']) : -1;
  const step = useStore(store, (s) => {
    if (!event || stepIndex < 0) return null;
    return stepIndex === event.index ? event : busy ? null : s.event(stepIndex);
  });
  const trace = useGradientTrace(store, event, busy);
  const rows = useMemo(() => (event ? parameterRows({ event, step, history: store }) : []), [event, step, known]);
  const shown = useMemo(() => arrangeRows(rows, filter, sort), [rows, filter, sort]);
  const elements = rows.reduce((sum, row) => sum + row.elements, 0);
  return (
    <Section
      store={store}
      id="parameters"
      title={dataText('parameters')}
      note={rows.length > 0 ? dataText('parametersNote', formatCount(elements), rows.length) : null}
      actions={
        rows.length === 0 ? undefined : (
          <TextField
            value={filter}
            className="parameter-filter"
            label={dataText('filter')}
            placeholder={dataText('filterHint')}
            onInput={(value) => store.setUi({ parameterFilter: value })}
            onEscape={() => store.setUi({ parameterFilter: '' })}
          />
        )
      }
    >
      {!event || rows.length === 0 ? (
        <p class="dim">{dataText('noParameters')}</p>
      ) : shown.length === 0 ? (
        <p class="dim">{dataText('noMatch', filter.trim())}</p>
      ) : (
        <ParameterTable store={store} rows={shown} trace={trace} event={event.index} step={stepIndex} />
      )}
    </Section>
  );
}
