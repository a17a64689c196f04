import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const noVscode = { name: 'vscode', message: 'Only panel, commands and debug/activate may import vscode.' };
const noRuntime = { name: 'onnxruntime-node', message: 'Only runtime/ortRuntime.ts may import onnxruntime-node.' };

/** ARCHITECTURE: a folder's row of "who may import whom", as far as the compiler's project references can't say it. */
function boundary(files, forbiddenPatterns, paths = [noVscode, noRuntime]) {
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths,
          patterns: forbiddenPatterns.map((group) => ({
            group: [group].flat(),
            message: 'See CONTRIBUTING: folders.',
          })),
        },
      ],
    },
  };
}

/** What the extension host has no business with: of the engine it knows the client, and how CUDA comes to it. */
const behindTheHost = [
  ...['**/core/**', '**/script/**', '**/runtime/**', '**/data/**', '**/webview/**'],
  ['**/engine/*', '!**/engine/client', '!**/engine/cuda*'],
];

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'out/', '.tsbuild/', '.vscode-test/', 'test/fixtures/'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always'],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'No default exports.' }],
    },
  },
  boundary(['src/common/**'], ['../*', 'node:*']),
  boundary(['src/core/**'], ['node:*', '**/script/**', '**/runtime/**', '**/engine/**', '**/data/**']),
  boundary(['src/script/**'], ['node:*', '**/runtime/**', '**/engine/**']),
  boundary(['src/data/**'], ['**/script/**', '**/runtime/**', '**/engine/**']),
  boundary(['src/runtime/**'], ['**/script/**', '**/engine/**', '**/data/**'], [noVscode]),
  boundary(['src/engine/**'], ['vscode']),
  boundary(['src/engine/client.ts', 'src/cli/**'], ['**/core/**', '**/script/**', '**/runtime/**', '**/data/**']),
  boundary(['src/debug/session/**'], [...behindTheHost, '**/panel/**', '**/commands/**', '**/protocol/**']),
  boundary(['src/debug/*.ts'], [...behindTheHost, '**/commands/**', '**/protocol/**'], [noRuntime]),
  boundary(['src/panel/**'], [...behindTheHost, '**/commands/**'], [noRuntime]),
  boundary(['src/commands/**', 'src/extension.ts'], behindTheHost, [noRuntime]),
  boundary(['webview/**'], ['node:*', '**/src/!(common|protocol)/**']),
  {
    files: ['scripts/**', 'test/**', 'src/cli/**', 'eslint.config.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
      },
    },
    rules: { 'no-console': 'off', 'no-restricted-syntax': 'off' },
  },
);
