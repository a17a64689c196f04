import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commandTable } from '../../../src/commands/commandTable';
import { argumentNames } from '../../../src/debug/session/launchArguments';
import { commandIds, configurationSection, contextKeys, debugType, panelViewType } from '../../../src/ids';

interface Manifest {
  main: string;
  icon: string;
  activationEvents: string[];
  contributes: {
    commands: { command: string; title: string; category: string; icon: string; enablement?: string }[];
    keybindings: { command: string; key: string; mac?: string; when: string }[];
    menus: Record<string, { command: string; when: string; group: string }[]>;
    configuration: { properties: Record<string, { default: unknown; markdownDescription: string }> };
    debuggers: {
      type: string;
      languages: string[];
      configurationAttributes: { launch: { properties: Record<string, object> } };
      configurationSnippets: { body: Record<string, unknown> }[];
    }[];
    walkthroughs: { steps: { media: { svg: string }; completionEvents?: string[] }[] }[];
  };
}

function json<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T;
}

const manifest = json<Manifest>('package.json');
const { contributes } = manifest;
const ids = new Set<string>(Object.values(commandIds));
const codicons = readFileSync(join('node_modules', '@vscode', 'codicons', 'dist', 'codicon.csv'), 'utf8');

function contextKeysIn(when: string): string[] {
  return when.match(/gradstep\.\w+/g) ?? [];
}

describe('the manifest', () => {
  test('declares exactly the commands of the table', () => {
    assert.deepEqual(
      contributes.commands,
      commandTable.map(({ name, icon, enablement }) => ({
        command: commandIds[name],
        title: `%command.${name}%`,
        category: 'Gradstep',
        icon,
        ...(enablement !== undefined && { enablement }),
      })),
    );
    assert.deepEqual(
      commandTable.map(({ name }) => name),
      Object.keys(commandIds),
      'a row for every id',
    );
  });

  test('binds exactly the keys of the table', () => {
    assert.deepEqual(
      contributes.keybindings,
      commandTable.flatMap(({ name, keybinding }) =>
        keybinding ? [{ command: commandIds[name], ...keybinding }] : [],
      ),
    );
  });

  test('no key means two things at the same time', () => {
    const keys = contributes.keybindings.map(({ key }) => key);
    assert.deepEqual(keys, [...new Set(keys)]);
  });

  test('menus name commands that exist and context keys that are set', () => {
    const known = new Set<string>([...Object.values(contextKeys), panelViewType]);
    const items = Object.values(contributes.menus).flat();
    assert.ok(items.length > 0);
    for (const { command } of items) assert.ok(ids.has(command), command);
    const conditions = [...items, ...contributes.keybindings].map(({ when }) => when);
    const enablements = contributes.commands.flatMap(({ enablement }) => enablement ?? []);
    for (const key of [...conditions, ...enablements].flatMap(contextKeysIn)) assert.ok(known.has(key), key);
  });

  test('its debugger takes the arguments that a debug session checks, and no others', () => {
    const [own] = contributes.debuggers;
    assert.equal(own?.type, debugType);
    assert.deepEqual(own.languages, ['python']);
    const declared = Object.keys(own.configurationAttributes.launch.properties);
    // VS Code itself has a place for `noDebug`: Run Without Debugging.
    assert.deepEqual([...declared, 'noDebug'].sort(), [...argumentNames].sort());
    for (const { body } of own.configurationSnippets) {
      const { type, request, name: _name, ...args } = body;
      assert.deepEqual([type, request], [debugType, 'launch']);
      for (const name of Object.keys(args)) assert.ok(declared.includes(name), name);
    }
  });

  test('its files are there, its activation events are ours', () => {
    assert.equal(manifest.main, './dist/extension.cjs');
    assert.deepEqual(manifest.activationEvents, [
      'onLanguage:python',
      `onDebugResolve:${debugType}`,
      'onDebugInitialConfigurations',
      `onDebugDynamicConfigurations:${debugType}`,
      `onWebviewPanel:${panelViewType}`,
    ]);
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const media = [
      manifest.icon,
      ...steps.map((step) => step.media.svg),
      'media/panel-light.svg',
      'media/panel-dark.svg',
    ];
    for (const file of media) assert.ok(existsSync(file), file);
    for (const event of steps.flatMap(({ completionEvents }) => completionEvents ?? [])) {
      assert.ok(ids.has(event.replace(/^onCommand:/, '')), event);
    }
  });

  test('its icons exist in the codicon font', () => {
    for (const { icon } of commandTable) {
      const name = /^\$\((.+)\)$/.exec(icon)?.[1] ?? '';
      assert.ok(codicons.includes(`\n${name},`), icon);
    }
  });

  test('every setting is read, and every setting that is read is declared', () => {
    const read = [...readFileSync(join('src', 'panel', 'settings.ts'), 'utf8').matchAll(/get<unknown>\('(\w+)'\)/g)];
    assert.deepEqual(
      [...new Set(read.map((match) => `${configurationSection}.${match[1]}`))].sort(),
      Object.keys(contributes.configuration.properties).sort(),
    );
  });
});

describe('the manifest in both languages', () => {
  const english = json<Record<string, string>>('package.nls.json');
  const chinese = json<Record<string, string>>('package.nls.zh-cn.json');
  const used = [...readFileSync('package.json', 'utf8').matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!);

  test('every text that is used is there, and every text that is there is used', () => {
    assert.deepEqual(Object.keys(english).sort(), [...new Set(used)].sort());
    assert.deepEqual(Object.keys(chinese).sort(), Object.keys(english).sort());
  });

  test('no text is empty or was left in English', () => {
    for (const [key, text] of Object.entries(chinese)) assert.match(text, /\p{Script=Han}/u, key);
    for (const [key, text] of Object.entries(english)) assert.match(text, /^[\x20-\x7e…\n]+$/, key);
  });

  test('the Chinese texts keep the links and the names in code', () => {
    for (const [key, text] of Object.entries(english)) {
      const parts = /\(command:[\w.]+\)|`[^`]+`/g;
      assert.deepEqual(chinese[key]?.match(parts) ?? [], text.match(parts) ?? [], key);
    }
  });
});

describe("the extension host's texts", () => {
  const call = /\bl10n\.t\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
  const sources = readdirSync('src', { recursive: true })
    .map((name) => join('src', String(name)))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'));
  const texts = sources.flatMap((source) => [...source.matchAll(call)].map((match) => (match[1] ?? match[2])!));
  const chinese = json<Record<string, string>>('l10n', 'bundle.l10n.zh-cn.json');

  test('every call has its text written out', () => {
    const calls = sources.flatMap((source) => source.match(/\bl10n\.t\(/g) ?? []);
    assert.equal(texts.length, calls.length);
    assert.ok(calls.length > 20);
  });

  test('every text has a Chinese one, and every Chinese one a text', () => {
    assert.deepEqual(Object.keys(chinese).sort(), [...new Set(texts)].sort());
  });

  test('placeholders are kept', () => {
    for (const [text, translation] of Object.entries(chinese)) {
      const placeholders = (value: string) => (value.match(/\{\d\}/g) ?? []).sort();
      assert.deepEqual(placeholders(translation), placeholders(text), text);
    }
  });
});
