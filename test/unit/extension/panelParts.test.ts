import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PythonError } from '../../../src/common/errors';
import { answerRequest } from '../../../src/panel/answerRequest';
import { deathCause } from '../../../src/panel/deathCause';
import { OutputTail } from '../../../src/panel/outputTail';
import { panelHtml } from '../../../src/panel/panelHtml';
import type { PanelHandlers } from '../../../src/protocol/contract';

describe('the tail of the output', () => {
  test('joins what was printed in pieces', () => {
    const tail = new OutputTail();
    tail.append('stdout', 'epoch ');
    tail.append('stdout', '1\nloss ');
    tail.append('stdout', '2.3\r\n\n');
    tail.append('stderr', 'careful');
    tail.append('stdout', 'next\n');
    assert.deepEqual(
      tail.lines.map(({ stream, text }) => `${stream}: ${text}`),
      ['stdout: epoch 1', 'stdout: loss 2.3', 'stdout: ', 'stderr: careful', 'stdout: next'],
    );
  });

  test('keeps the last 500 lines, and of a long line its beginning', () => {
    const tail = new OutputTail();
    tail.append('stdout', Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join(''));
    assert.equal(tail.lines.length, 500);
    assert.equal(tail.lines.at(-1)?.text, '99999');
    tail.append('stdout', 'x'.repeat(1_000_000));
    assert.equal(tail.lines.at(-1)?.text.length, 2000);
  });

  test('gives copies', () => {
    const tail = new OutputTail();
    tail.note('one');
    const { lines } = tail;
    tail.note('two');
    assert.deepEqual(lines, [{ stream: 'notice', text: 'one' }]);
  });
});

describe('a request of the webview', () => {
  const handlers = {
    event: async ({ index }: { index: number }) => {
      if (index > 5) throw new PythonError('IndexError', 'no such event', { line: 3 });
      return index;
    },
    pause: async () => {
      throw new TypeError('a bug');
    },
  } as unknown as PanelHandlers;

  test('gets exactly one reply', async () => {
    assert.deepEqual(await answerRequest({ kind: 'request', id: 7, name: 'event', body: { index: 2 } }, handlers), {
      kind: 'reply',
      id: 7,
      ok: true,
      body: 2,
    });
  });

  test('is refused with the words of the error', async () => {
    const reply = await answerRequest({ kind: 'request', id: 8, name: 'event', body: { index: 9 } }, handlers);
    assert.ok(reply && !reply.ok);
    const { code, message, line, audience } = reply.error;
    assert.deepEqual([code, message, line, audience], ['python.IndexError', 'no such event', 3, 'user']);
  });

  test('a bug of ours and a request that nobody knows are answered too', async () => {
    const bug = await answerRequest({ kind: 'request', id: 1, name: 'pause', body: null }, handlers);
    assert.ok(bug && !bug.ok);
    assert.equal(bug.error.audience, 'maintainer');
    for (const name of ['nonsense', 'constructor', '__proto__', 'toString']) {
      const reply = await answerRequest({ kind: 'request', id: 2, name, body: null }, handlers);
      assert.ok(reply && !reply.ok, name);
      assert.equal(reply.error.code, 'panel.unknownRequest', name);
    }
  });

  test('what is none gets no reply', async () => {
    for (const message of [null, 1, 'x', {}, { kind: 'request' }, { kind: 'reply', id: 1, name: 'event' }]) {
      assert.equal(await answerRequest(message, handlers), null);
    }
  });
});

describe("the panel's document", () => {
  const html = panelHtml({
    cspSource: 'vscode-webview://x',
    script: 'https://x/main.js?a="b"',
    style: 'https://x/main.css',
    nonce: 'abc+/=',
    locale: 'zh-cn',
  });

  test('has a strict policy', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'nonce-abc\+\/='/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  });

  test('runs one script, and that with the nonce', () => {
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.match(html, /<script type="module" nonce="abc\+\/=" src="https:\/\/x\/main\.js\?a=&#34;b&#34;"/);
    assert.doesNotMatch(html, /style=|onload|onclick/);
    assert.match(html, /<html lang="zh-cn">/);
  });
});

describe('the cause of a death', () => {
  const cases: [string, ReturnType<typeof deathCause>][] = [
    [
      "Error: Cannot find module '../bin/napi-v6/linux/ia32/onnxruntime_binding.node'",
      { kind: 'platform', platform: 'x-y' },
    ],
    [
      'Error: libonnxruntime.so.1: cannot open shared object file: No such file or directory',
      { kind: 'library', library: 'libonnxruntime.so.1' },
    ],
    [
      "Error: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.28' not found (required by libonnxruntime.so.1)",
      { kind: 'version', version: 'GLIBC_2.28' },
    ],
    [
      'dyld: Library not loaded: @rpath/libonnxruntime.1.dylib',
      { kind: 'library', library: '@rpath/libonnxruntime.1.dylib' },
    ],
    ['Error: The specified module could not be found.\n\\\\?\\C:\\x.node', { kind: 'visualC' }],
    ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', { kind: 'memory' }],
    ['Error: dist/ort/onnxruntime_binding.node: invalid ELF header', { kind: 'platform', platform: 'x-y' }],
    ['Segmentation fault', null],
    ['', null],
  ];
  for (const [stderr, cause] of cases) {
    test(`${cause?.kind ?? 'none'}: ${stderr.slice(0, 60)}`, () => assert.deepEqual(deathCause(stderr, 'x-y'), cause));
  }
});
