import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckName, FindingView } from '../../../src/common/engineContract';
import { allTables, createText, setLocale } from '../../../webview/strings';
import { text } from '../../../webview/shellStrings';
import { checkText, checkTexts } from '../../../webview/views/checks/checkStrings';
import '../../../webview/views/dataStrings';
import { checkTable } from '../../../src/core/training/checkTable';

const placeholders = (row: string) =>
  [...new Set(Array.from(row.matchAll(/\{(\w+)[|}]/g), (match) => match[1]))].sort();

test('every text has both languages, with the same placeholders', () => {
  assert.ok(allTables.length >= 3);
  for (const table of allTables) {
    for (const [key, row] of Object.entries(table)) {
      assert.ok(row.en.trim() !== '' && row['zh-cn'].trim() !== '', key);
      assert.deepEqual(placeholders(row['zh-cn']), placeholders(row.en), key);
    }
  }
});

test('the language follows VS Code, traditional Chinese does not get the simplified texts', () => {
  setLocale('zh-cn');
  assert.equal(text('line', 7), '第 7 行');
  setLocale('zh-tw');
  assert.equal(text('line', 7), 'line 7');
  setLocale('de');
  assert.equal(text('line', 7), 'line 7');
});

test('a counted word follows its number; Chinese has one form', () => {
  const counted = createText({
    note: { en: '{0} {0|value|values} in {1} {1|tensor|tensors}', 'zh-cn': '{1} 个张量，共 {0} 个值' },
  });
  setLocale('en');
  assert.equal(counted('note', 1, 1), '1 value in 1 tensor');
  assert.equal(counted('note', '2,274', 0), '2,274 values in 0 tensors');
  assert.equal(text('captionZeroGrad', 1), '**zero_grad** cleared the gradients of 1 parameter: it has none now.');
  setLocale('zh-cn');
  assert.equal(counted('note', 1, 1), '1 个张量，共 1 个值');
  setLocale('en');
});

/** A finding as the engine reports it, with as many of everything as is given. */
function findingOf(check: CheckName, count: number, subjects: string[]): FindingView {
  const names = ['parameters', 'backwards', 'steps', 'schedulerSteps', 'limit', 'nan', 'infinite', 'event'];
  const numbers = Object.fromEntries(names.map((name) => [name, count]));
  const { title, severity, message, suggestion } = checkTable[check];
  const rest = { firstEvent: count, line: 1, occurrences: 1 };
  return { check, title, severity, message: message(numbers, subjects), suggestion, numbers, subjects, ...rest };
}

test('the checks are translated, and in English they are the engine’s own words', () => {
  for (const check of Object.keys(checkTable) as CheckName[]) {
    for (const finding of [findingOf(check, 1, ['w']), findingOf(check, 6, ['a', 'b', 'c', 'd', 'e', 'f'])]) {
      setLocale('en');
      for (const part of ['title', 'message', 'suggestion'] as const) {
        assert.equal(checkText(finding, part), finding[part]);
        const row = checkTexts[check][part];
        assert.deepEqual(placeholders(row['zh-cn']), placeholders(row.en), check);
      }
      setLocale('zh-cn');
      for (const part of ['title', 'message', 'suggestion'] as const) {
        assert.match(checkText(finding, part), /[\u4e00-\u9fff]|NaN/);
        assert.doesNotMatch(checkText(finding, part), /[{}]/);
      }
    }
  }
  assert.equal(
    checkText(findingOf('vanishing', 3, ['a', 'b', 'c', 'd', 'e']), 'message'),
    '在连续 3 次 backward 中，以下参数的梯度均方根都低于 3：a、b、c 及另外 2 个。',
  );
  setLocale('en');
});
