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
