/** Translates as `vscode.l10n` does, which it may be: `{0}` stands for the first value. */
export interface Translator {
  t(text: string, ...values: (string | number | boolean)[]): string;
}

/** Where there is no VS Code: the texts as they are written. */
export const english: Translator = {
  t: (text, ...values) => text.replace(/\{(\d+)\}/g, (_all, index: string) => String(values[Number(index)])),
};
