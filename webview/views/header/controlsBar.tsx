import type { Phase } from '../../../src/common/phase';
import { Button, IconButton, Icon, MenuButton } from '../../controls';
import type { MenuItem } from '../../controls';
import type { Navigation } from '../../navigation';
import { text } from '../../shellStrings';
import { phaseNames } from './railView';

interface ControlsBarProps {
  navigation: Navigation;
  busy: boolean;
  /** No engine to ask. */
  disabled: boolean;
  restartable: boolean;
  /** The first event is under the cursor, or none. */
  atStart: boolean;
  next: Phase | null;
  phases: readonly Phase[];
}

/** Every control names its unit. */
export function ControlsBar({ navigation, busy, disabled, restartable, atStart, next, phases }: ControlsBarProps) {
  const still = disabled || busy;
  const items: MenuItem[] = [
    { text: text('toEpochEnd'), run: () => navigation.run({ kind: 'epoch' }) },
    { text: text('tenIterations'), run: () => navigation.run({ kind: 'iterations', count: 10 }) },
    { text: text('hundredIterations'), run: () => navigation.run({ kind: 'iterations', count: 100 }) },
    ...phases.map((phase) => ({
      text: text('toPhase', phaseNames[phase]),
      run: () => navigation.run({ kind: 'phase', phase }),
    })),
  ];
  return (
    <div class="controls" role="toolbar" aria-label={text('controls')}>
      <div class="control-group">
        <Button
          appearance="icon"
          className="unit-button"
          icon="backIteration"
          label={text('previousIterationTip')}
          disabled={still || atStart}
          onClick={() => navigation.previous('iteration')}
        >
          {text('iterationUnit')}
        </Button>
        <Button
          appearance="icon"
          className="unit-button"
          icon="arrowLeft"
          label={text('previousPhaseTip')}
          disabled={still || atStart}
          onClick={() => navigation.previous('phase')}
        >
          {text('phase')}
        </Button>
        <Button
          appearance="primary"
          className="next-button"
          label={next === null ? text('nextPhaseTip') : text('nextNamedTip', phaseNames[next])}
          disabled={still}
          onClick={() => navigation.next('phase')}
        >
          {next === null ? text('nextPhase') : <NextText phase={next} />}
          <kbd>N</kbd>
        </Button>
        <Button
          appearance="icon"
          className="unit-button after"
          label={text('nextIterationTip')}
          disabled={still}
          onClick={() => navigation.next('iteration')}
        >
          {text('iterationUnit')}
          <Icon name="forwardIteration" />
        </Button>
      </div>
      <div class="control-group run-group">
        {busy ? (
          <Button
            appearance="secondary"
            className="pause-button"
            icon="pause"
            label={text('pauseTip')}
            disabled={disabled}
            onClick={() => navigation.pause()}
          >
            {text('pause')}
          </Button>
        ) : (
          <>
            <Button
              appearance="icon"
              className="unit-button"
              icon="run"
              label={text('runTip')}
              disabled={disabled}
              onClick={() => navigation.run({ kind: 'continue' })}
            >
              {text('run')}
            </Button>
            <MenuButton label={text('runMenu')} items={items} disabled={disabled} />
          </>
        )}
        <IconButton
          icon="restart"
          label={text('restartTip')}
          disabled={busy || !restartable}
          onClick={() => navigation.restart()}
        />
      </div>
    </div>
  );
}

function NextText({ phase }: { phase: Phase }) {
  return (
    <span>
      <span class="next-prefix">{text('nextPrefix')} </span>
      {phaseNames[phase]}
    </span>
  );
}
