import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Edit, ProgressView, StateSnapshot } from '../../../src/common/engineContract';
import { IconButton } from '../../controls';
import { devicePlace } from '../../devicePlace';
import { formatBytes, formatNumber } from '../../format';
import type { Navigation } from '../../navigation';
import { text } from '../../shellStrings';
import { useStore } from '../../store';
import type { Store } from '../../store';
import { Section } from '../section';

export function OutputView({ store, navigation }: { store: Store; navigation: Navigation }) {
  const output = useStore(store, ({ state }) => state?.output ?? null) ?? [];
  const progress = useStore(store, ({ state }) => state?.progress ?? null) ?? [];
  const busy = useStore(store, ({ state }) => state?.busy ?? false);
  const lines = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const frame = lines.current;
    if (frame && atEnd.current) frame.scrollTop = frame.scrollHeight;
  }, [output]);
  return (
    <Section store={store} id="output" title={text('output')}>
      {progress
        .filter(({ closed }) => !closed)
        .map((bar) => (
          <Progress key={bar.id} bar={bar} onCancel={busy ? () => navigation.pause() : null} />
        ))}
      {output.length === 0 ? (
        <p class="quiet">{text('noOutput')}</p>
      ) : (
        <div
          class="output-lines"
          ref={lines}
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={text('outputOfScript')}
          onScroll={({ currentTarget: frame }) => {
            atEnd.current = frame.scrollTop + frame.clientHeight >= frame.scrollHeight - 4;
          }}
        >
          {output.map(({ stream, text: line }, index) => (
            <div key={index} class={`output-line ${stream}`}>
              {line === '' ? ' ' : line}
            </div>
          ))}
        </div>
      )}
    </Section>
  );
}

function Progress({ bar, onCancel }: { bar: ProgressView; onCancel: (() => void) | null }) {
  const { description, done, total, postfix } = bar;
  const known = total !== null && total > 0;
  const share = known ? Math.min(1, done / total) : 0;
  return (
    <div class="progress">
      <div class="progress-text">
        <span>{[description, postfix].filter(Boolean).join(' · ')}</span>
        <span class="dim">
          {known ? text('progressOf', formatCountOf(done), formatCountOf(total)) : formatCountOf(done)}
        </span>
        {onCancel && <IconButton icon="close" label={text('cancel')} onClick={onCancel} />}
      </div>
      <div
        class="progress-bar"
        role="progressbar"
        aria-label={description || text('output')}
        aria-valuemin={0}
        {...(known ? { 'aria-valuemax': total, 'aria-valuenow': done } : {})}
      >
        <div
          class={known ? 'progress-done' : 'progress-done unknown'}
          style={known ? { width: `${share * 100}%` } : {}}
        />
      </div>
    </div>
  );
}

function formatCountOf(value: number): string {
  return Number.isInteger(value) ? String(value) : formatNumber(value);
}

export function SessionView({ store }: { store: Store }) {
  const snapshot = useStore(store, ({ state }) => state?.snapshot ?? null);
  if (snapshot === null) return null;
  const rows = sessionRows(snapshot);
  return (
    <Section store={store} id="session" title={text('session')}>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function sessionRows(snapshot: StateSnapshot): [string, string][] {
  const { mode, bytes, byteBudget, droppedBefore, compiledGraphs, edits } = snapshot;
  const device = devicePlace(snapshot);
  const memory = text('memoryUse', formatBytes(bytes), formatBytes(byteBudget));
  const rows: [string, string][] = [
    [text('device'), device.label],
    ...(snapshot.device === 'cuda' ? [[text('placement'), device.detail] satisfies [string, string]] : []),
    [text('mode'), text(mode === 'stepping' ? 'modeStepping' : 'modeRunning')],
    [text('graphs'), text('graphsCompiled', compiledGraphs)],
    [text('memory'), droppedBefore > 0 ? `${memory}; ${text('memoryDropped', droppedBefore)}` : memory],
  ];
  if (edits.length > 0) rows.push([text('changed'), edits.map(editText).join('; ')]);
  return rows;
}

function editText({ event, target }: Edit): string {
  switch (target.kind) {
    case 'hyperparameter':
      return text('changedValue', event, `${target.optimizer} ${target.name}`, String(target.value));
    case 'element':
      return text('changedValue', event, `${target.parameter}[${target.index}]`, formatNumber(target.value));
    case 'parameter':
      return text('changedValue', event, target.parameter, '…');
  }
}
