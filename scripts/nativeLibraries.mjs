/** Which files of onnxruntime-node a platform needs, and the plugin that makes the bundle load them from `dist/ort`. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.mjs';

/**
 * Per VSIX target: the folder in onnxruntime-node and the files.
 * darwin: libonnxruntime.1.30.0.dylib is the same file as libonnxruntime.1.dylib, the name that the binding asks for.
 * win32: DirectML is loaded on demand only, the DirectX compiler belongs to WebGPU.
 */
const targets = {
  'linux-x64': { folder: 'linux/x64', files: ['onnxruntime_binding.node', 'libonnxruntime.so.1'] },
  'linux-arm64': { folder: 'linux/arm64', files: ['onnxruntime_binding.node', 'libonnxruntime.so.1'] },
  'win32-x64': { folder: 'win32/x64', files: ['onnxruntime_binding.node', 'onnxruntime.dll'] },
  'win32-arm64': { folder: 'win32/arm64', files: ['onnxruntime_binding.node', 'onnxruntime.dll'] },
  'darwin-arm64': { folder: 'darwin/arm64', files: ['onnxruntime_binding.node', 'libonnxruntime.1.dylib'] },
};

export const targetNames = Object.keys(targets);

export function copyNativeLibraries(target, destination) {
  const { folder, files } = targets[target];
  mkdirSync(destination, { recursive: true });
  for (const file of files) {
    const source = join(root, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', folder, file);
    copyFileSync(source, join(destination, file));
  }
}

/** Where a bundle in `dist/engine` finds the native libraries: installed from npm, or in the VSIX. */
const folders = {
  npm: "join(__dirname, '..', '..', 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', process.platform, process.arch)",
  packaged: "join(__dirname, '..', 'ort')",
};

/**
 * esbuild: bundles onnxruntime-node's JavaScript and takes its binding from the folder that GRADSTEP_ORT_FOLDER names, as
 * where a CUDA provider was installed, or else from where it was shipped.
 */
export function nativeLibraryPlugin(place) {
  return {
    name: 'native-library',
    setup(builder) {
      builder.onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const load = 'require(`../bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`)';
        if (!source.includes(load)) throw new Error(`onnxruntime-node loads its binding in another way now: ${path}`);
        const folder = `process.env.GRADSTEP_ORT_FOLDER || require('node:path').${folders[place]}`;
        const contents = source.replace(
          load,
          `require(require('node:path').join(${folder}, 'onnxruntime_binding.node'))`,
        );
        return { contents, loader: 'js' };
      });
    },
  };
}
