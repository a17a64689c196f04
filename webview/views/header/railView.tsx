import type { Phase } from '../../../src/common/phase';
import { Icon } from '../../controls';
import type { Navigation } from '../../navigation';
import { text } from '../../shellStrings';
import type { Rail, RailStop } from './rail';

/** As scripts write the phases. */
export const phaseNames: Record<Phase, string> = {
  zero_grad: 'zero_grad',
  forward: 'forward',
  loss: 'loss',
  backward: 'backward',
  step: 'step',
  scheduler_step: 'scheduler.step',
};

const descriptions: Record<RailStop['mark'], Parameters<typeof text>[0]> = {
  done: 'phaseDone',
  now: 'phaseNow',
  next: 'phaseNext',
  later: 'phaseLater',
  missing: 'phaseMissing',
  outside: 'phaseOutside',
  unseen: 'phaseUnseen',
};

interface RailProps {
  rail: Rail;
  navigation: Navigation;
  busy: boolean;
}

/** The phases in the order in which this script runs them. */
export function RailView({ rail, navigation, busy }: RailProps) {
  const stopView = (stop: RailStop, index: number) => (
    <Stop key={`${stop.phase}${index}`} stop={stop} navigation={navigation} busy={busy} />
  );
  const known = rail.blocks.length > 0;
  return (
    <ol class="rail" aria-label={text('rail')}>
      {rail.blocks.map((block, index) =>
        block.times === 1 ? (
          block.stops.map(stopView)
        ) : (
          <li key={index} class="rail-block">
            <ol class="rail-repeat" aria-label={text('times', block.times)}>
              {block.stops.map(stopView)}
            </ol>
            <span class="rail-times" title={text('times', block.times)}>
              {block.at > 0 ? `${block.at}/${block.times}` : `×${block.times}`}
            </span>
          </li>
        ),
      )}
      {rail.apart.filter(isUnseen).map(stopView)}
      {known && (
        <li class="rail-loop" title={text('loops')}>
          <Icon name="loop" />
          <span class="hidden-text">{text('loops')}</span>
        </li>
      )}
      {rail.apart.filter((stop) => !isUnseen(stop)).map(stopView)}
    </ol>
  );
}

/** It belongs to the loop, as far as is known. */
function isUnseen({ mark }: RailStop): boolean {
  return mark === 'unseen';
}

function Stop({ stop, navigation, busy }: { stop: RailStop; navigation: Navigation; busy: boolean }) {
  const { phase, line, mark, warning } = stop;
  const name = phaseNames[phase];
  const description = text(descriptions[mark], name, line);
  const tip = [description, warning && text(warning), mark === 'missing' ? null : text('runTo', name)];
  return (
    <li class={`stop ${mark} ${warning ? 'misplaced' : ''}`}>
      <button
        class="stop-button"
        disabled={busy}
        aria-current={mark === 'now' ? 'step' : undefined}
        aria-label={[description, warning && text(warning)].filter(Boolean).join('. ')}
        title={tip.filter(Boolean).join('\n')}
        onClick={() => navigation.run({ kind: 'phase', phase })}
      >
        {mark === 'done' && !warning && <Icon name="check" />}
        {(warning || mark === 'missing') && <Icon name="warning" className="stop-warning" />}
        <span>{name}</span>
      </button>
    </li>
  );
}
