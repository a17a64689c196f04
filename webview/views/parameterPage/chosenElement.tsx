import { useState } from 'preact/hooks';
import { TextField } from '../../controls';
import { useStore, type Store } from '../../store';
import { dataText } from '../dataStrings';
import { indexOf, parseIndex } from './elementIndex';

interface ChosenElementProps {
  store: Store;
  name: string;
  shape: readonly number[];
  element: number;
}

/** Names the chosen element, chooses another by its index, and sets its value. */
export function ChosenElement({ store, name, shape, element }: ChosenElementProps) {
  const [wrong, setWrong] = useState<string | null>(null);
  const cursor = useStore(store, ({ state }) => state?.snapshot?.cursor ?? -1);
  const choose = (text: string) => {
    const chosen = parseIndex(shape, text);
    setWrong(chosen === null ? dataText('wrongIndex', shape.join(' × ')) : null);
    if (chosen !== null) store.setUi({ element: chosen });
  };
  const setValue = (text: string) => {
    const value = readNumber(text);
    setWrong(value === null ? dataText('wrongValue', text) : null);
    if (value === null || cursor < 0) return;
    store.act('setValue', { event: cursor, target: { kind: 'element', parameter: name, index: element, value } });
  };
  return (
    <div class="chosen-element">
      <span>{dataText('element')}</span>
      <code>
        {name}[{indexOf(shape, element).join(', ')}]
      </code>
      <TextField
        value=""
        className="element-index"
        label={dataText('elementIndex')}
        placeholder={dataText('elementIndexHint')}
        onEnter={choose}
      />
      <TextField
        value=""
        className="element-value"
        label={dataText('elementValue')}
        placeholder={dataText('elementValueHint')}
        onEnter={setValue}
      />
      {wrong && (
        <span class="bad" role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}

/** A number as Python writes it: a typed minus sign or the typographic one, `nan` and `inf` too. */
function readNumber(text: string): number | null {
  const plain = text.trim().replace('\u2212', '-').toLowerCase();
  const special = { nan: NaN, inf: Infinity, '-inf': -Infinity }[plain];
  if (special !== undefined) return special;
  const value = Number(plain);
  return plain === '' || !Number.isFinite(value) ? null : value;
}
