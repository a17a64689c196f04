import type { EventView, UpdateExplanation } from '../../../src/common/engineContract';
import { Icon } from '../../controls';
import type { Store } from '../../store';
import { dataText } from '../dataStrings';
import { exactNumber } from '../exactNumber';
import { useReply } from '../useReply';
import { addsUp } from './addsUp';

interface UpdateFormulaProps {
  store: Store;
  event: EventView;
  name: string;
  element: number;
  mode: 'update' | 'pending';
}

/** The optimizer's mathematics with this step's numbers, which end at the value that the parameter has. */
export function UpdateFormula({ store, event, name, element, mode }: UpdateFormulaProps) {
  const body = { event: event.index, parameter: name, index: element };
  const { value, last, error } = useReply(store, 'explain', mode === 'update' ? body : null);
  if (mode === 'pending') return <p class="formula-note">{dataText('formulaPending')}</p>;
  if (error) return <p class="formula-note">{dataText('formulaUnavailable', error.message)}</p>;
  return last ? <Formula explanation={last} awaited={value === null} /> : null;
}

function Formula({ explanation, awaited }: { explanation: UpdateExplanation; awaited: boolean }) {
  const { type, lines, after } = explanation;
  const good = addsUp(explanation);
  return (
    <div class={awaited ? 'formula awaited' : 'formula'}>
      <h3>{dataText('formula', type)}</h3>
      <dl>
        {lines.map(({ name, expression, substituted, value }, i) => (
          <div key={i}>
            <dt>{name}</dt>
            <dd>
              <span class="formula-expression">= {expression}</span>
              {substituted !== expression && <span class="formula-numbers">= {substituted}</span>}
              <b>= {exactNumber(value)}</b>
            </dd>
          </div>
        ))}
      </dl>
      <p class={good ? 'formula-check' : 'formula-check bad'}>
        <Icon name={good ? 'check' : 'warning'} />
        {dataText(good ? 'addsUp' : 'doesNotAddUp', exactNumber(after))}
      </p>
    </div>
  );
}
