import { phases } from '../../../src/common/phase';
import type { PanelState } from '../../../src/protocol/contract';
import { Icon } from '../../controls';
import { devicePlace } from '../../devicePlace';
import type { Navigation } from '../../navigation';
import { plainText, RichText } from '../../richText';
import { text } from '../../shellStrings';
import { useQuery, useStore } from '../../store';
import type { Store } from '../../store';
import { captionOf } from './caption';
import { ControlsBar } from './controlsBar';
import { buildRail } from './rail';
import { RailView } from './railView';

export function Header({ store, state, navigation }: { store: Store; state: PanelState; navigation: Navigation }) {
  const history = useStore(store, ({ history: { events } }) => events);
  const { snapshot, busy, engineStatus } = state;
  const event = snapshot?.event ?? null;
  const schedules = useQuery(store, 'schedules', !busy && event ? { event: event.index } : null);
  const cursor = snapshot?.cursor ?? -1;
  const head = snapshot?.head ?? -1;
  const rail = buildRail({
    pattern: snapshot?.pattern ?? [],
    position: snapshot?.position ?? -1,
    current: event,
    recordedNext: cursor < head ? (history[cursor + 1]?.phase ?? null) : null,
    complete: (event?.iteration ?? 0) > 1,
    hasScheduler: schedules.last?.some(({ scheduler }) => scheduler !== null) ?? false,
  });
  const reachable = new Set(
    [...rail.blocks.flatMap(({ stops }) => stops), ...rail.apart]
      .filter(({ mark }) => mark !== 'missing' && mark !== 'unseen')
      .map(({ phase }) => phase),
  );
  const caption = captionOf(state, history);
  const refused = state.problems.length > 0 && event === null;
  const dead = engineStatus !== 'ready' || refused;
  return (
    <header class="top">
      <h1 class="hidden-text">
        {text('panel')}: {state.script?.name}
      </h1>
      <div class="top-row">
        <RailView rail={rail} navigation={navigation} busy={busy || dead} />
        <ControlsBar
          navigation={navigation}
          busy={busy}
          disabled={dead}
          restartable={engineStatus === 'ready'}
          atStart={cursor <= 0}
          next={rail.next}
          phases={phases.filter((phase) => reachable.has(phase))}
        />
      </div>
      <div class="top-row caption-row">
        <p class="caption">
          <RichText text={caption} />
        </p>
        <Place store={store} state={state} navigation={navigation} />
      </div>
      <div class="hidden-text" role="status" aria-live="polite">
        {busy ? '' : plainText(caption)}
      </div>
      <div class={`activity ${busy || engineStatus === 'starting' || engineStatus === 'recovering' ? 'on' : ''}`} />
    </header>
  );
}

function Place({ store, state, navigation }: { store: Store; state: PanelState; navigation: Navigation }) {
  const { snapshot } = state;
  const event = snapshot?.event;
  if (!snapshot || !event) return null;
  const back = snapshot.cursor < snapshot.head && !state.busy;
  const line = event.line;
  const device = devicePlace(snapshot);
  return (
    <p class="place">
      {event.edits.length > 0 && (
        <span class="badge edited">
          <Icon name="edit" /> {text('edited')}
        </span>
      )}
      {back && (
        <button class="badge" title={text('toNewest')} onClick={() => navigation.moveTo(snapshot.head)}>
          <Icon name="history" /> {text('lookingBack')} · {text('eventOf', snapshot.cursor, snapshot.head)}
        </button>
      )}
      <span>{text('place', event.epoch, event.iteration)}</span>
      {line > 0 && (
        <button class="link" title={text('revealLine', line)} onClick={() => store.act('revealLine', { line })}>
          {text('line', line)}
        </button>
      )}
      <span title={device.detail}>{device.label}</span>
    </p>
  );
}
