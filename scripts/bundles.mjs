/** What every bundle for Node has in common. */
export const nodeBundle = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  sourcemap: 'linked',
  external: ['onnxruntime-node', 'onnxruntime-node/*', 'esbuild'],
  logLevel: 'warning',
};

/** The webview's bundle. */
export const webviewBundle = {
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  format: 'esm',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  sourcemap: 'linked',
  logLevel: 'warning',
};
