import type { FindingView } from '../../../src/common/engineContract';
import { Icon } from '../../controls';
import type { Navigation } from '../../navigation';
import { text } from '../../shellStrings';
import { useStore } from '../../store';
import type { Store } from '../../store';
import { Section } from '../section';
import { checkText } from './checkStrings';

const severityTexts = { error: 'severityError', warning: 'severityWarning', info: 'severityInfo' } as const;
const order = { error: 0, warning: 1, info: 2 };

export function ChecksView({ store, navigation }: { store: Store; navigation: Navigation }) {
  const findings = useStore(store, ({ state }) => state?.snapshot?.findings ?? null) ?? [];
  const head = useStore(store, ({ state }) => state?.snapshot?.head ?? -1);
  const sorted = [...findings].sort((one, other) => order[one.severity] - order[other.severity]);
  return (
    <Section
      store={store}
      id="checks"
      title={text('checks')}
      note={findings.length > 0 ? <span class="count">{findings.length}</span> : null}
    >
      {sorted.length === 0 ? (
        <p class="quiet ok-line">
          {head >= 0 && <Icon name="check" className="ok" />}
          {head >= 0 ? text('nothingNoticed', head + 1) : text('checksWait')}
        </p>
      ) : (
        <ul class="findings">
          {sorted.map((finding) => (
            <Finding key={finding.check} store={store} finding={finding} navigation={navigation} />
          ))}
        </ul>
      )}
    </Section>
  );
}

interface FindingProps {
  store: Store;
  finding: FindingView;
  navigation: Navigation;
}

function Finding({ store, finding, navigation }: FindingProps) {
  const { severity, line, firstEvent, occurrences } = finding;
  return (
    <li class={`finding ${severity}`}>
      <Icon name={severity} />
      <div>
        <h3>
          <span class="hidden-text">{text(severityTexts[severity])}: </span>
          {checkText(finding, 'title')}
        </h3>
        <p>{checkText(finding, 'message')}</p>
        <p class="suggestion">
          <Icon name="lightbulb" /> {checkText(finding, 'suggestion')}
        </p>
        <p class="finding-place">
          <button class="link" onClick={() => navigation.moveTo(firstEvent)}>
            {text('goToEvent', firstEvent)}
          </button>
          {line > 0 && (
            <button class="link" title={text('revealLine', line)} onClick={() => store.act('revealLine', { line })}>
              {text('line', line)}
            </button>
          )}
          {occurrences > 1 && <span>{text('occurrences', occurrences)}</span>}
        </p>
      </div>
    </li>
  );
}
