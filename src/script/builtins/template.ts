import { PythonError } from '../../common/errors';
import type { Interpreter } from '../objects/interpreter';
import type { PyValue } from '../objects/value';
import { exceptionClass, makeException, PyException } from '../objects/exceptions';

/** `text.format(*args, **keywords)`. */
export function formatTemplate(
  interpreter: Interpreter,
  template: string,
  args: readonly PyValue[],
  keywords: ReadonlyMap<string, PyValue>,
): string {
  let automatic = 0;
  const field = (expression: string): PyValue => {
    const head = /^[^.[]*/.exec(expression)![0];
    let value: PyValue | undefined;
    if (head === '' || /^\d+$/.test(head)) {
      const index = head === '' ? automatic++ : Number(head);
      value = args[index];
      if (value === undefined) {
        throw new PythonError('IndexError', `Replacement index ${index} out of range for positional args tuple`);
      }
    } else {
      value = keywords.get(head);
      if (value === undefined) throw new PyException(makeException(exceptionClass('KeyError'), [head]));
    }
    for (const [, name, key] of expression.slice(head.length).matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
      if (name !== undefined) value = interpreter.getAttribute(value, name);
      else value = interpreter.getItem(value, /^\d+$/.test(key!) ? BigInt(key!) : key!);
    }
    return value;
  };
  const render = (text: string, nested: boolean): string => {
    let result = '';
    for (let i = 0; i < text.length; i++) {
      const character = text[i]!;
      if (character !== '{' && character !== '}') {
        result += character;
        continue;
      }
      if (!nested && text[i + 1] === character) {
        result += character;
        i++;
        continue;
      }
      if (character === '}') throw new PythonError('ValueError', "Single '}' encountered in format string");
      const end = closing(text, i);
      const body = text.slice(i + 1, end);
      const found = /^((?:[^:![]|\[[^\]]*\])*)(?:!([rsa]))?(?::([^]*))?$/.exec(body);
      if (found === null) throw new PythonError('ValueError', "expected ':' after conversion specifier");
      const value = field(found[1]!);
      const specification = found[3] === undefined ? '' : render(found[3], true);
      const shown =
        found[2] === undefined ? value : found[2] === 's' ? interpreter.str(value) : interpreter.repr(value);
      result += interpreter.format(shown, specification);
      i = end;
    }
    return result;
  };
  return render(template, false);
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  throw new PythonError('ValueError', "expected '}' before end of string");
}
