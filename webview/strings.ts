/**
 * One text in both languages; `{0}`, `{1}` stand for the arguments, and `{0|value|values}` for the first word where
 * argument 0 is one, else the second. PyTorch's terms stay as they are.
 */
export interface TextRow {
  en: string;
  'zh-cn': string;
}

export type Language = keyof TextRow;

let language: Language = 'en';

/** Takes a BCP 47 tag; anything but simplified Chinese is English. */
export function setLocale(tag: string): void {
  language = /^zh\b(?!-(tw|hk|mo|hant))/i.test(tag) ? 'zh-cn' : 'en';
  if (typeof document !== 'undefined') document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
}

/** Every table made, so that a test can look at all of them. */
export const allTables: Record<string, TextRow>[] = [];

/** The function that gives a table's texts in the language in use: `text('rows', 3)`. */
export function createText<T extends Record<string, TextRow>>(
  table: T,
): (key: keyof T, ...values: (string | number)[]) => string {
  allTables.push(table);
  return (key, ...values) => fill(table[key]!, (index) => values[Number(index)]);
}

const plural = new Intl.PluralRules('en');

/** A row in the language in use with its placeholders filled in; those without a value stay. */
export function fill(row: TextRow, valueOf: (name: string) => string | number | undefined): string {
  return row[language].replace(
    /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g,
    (whole, name: string, one?: string, other?: string) => {
      const value = valueOf(name);
      if (value === undefined) return whole;
      return one === undefined ? String(value) : plural.select(Number(value)) === 'one' ? one : other!;
    },
  );
}
