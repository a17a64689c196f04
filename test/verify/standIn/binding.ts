import { join } from 'node:path';
import { ortFolderVariable } from '../../../src/engine/cudaFolders';

/*
 * Preloaded into processes on a machine without a GPU. A session for CUDA is created there, where the provider takes or
 * refuses each node, and once more on the CPU, where it runs.
 */

interface NativeSession {
  loadModel(buffer: ArrayBuffer, offset: number, length: number, options: SessionOptions): void;
  run(...words: unknown[]): unknown;
  endProfiling(): void;
  dispose(): void;
}

interface Binding {
  InferenceSession: new () => NativeSession;
  listSupportedBackends(): unknown;
  initOrtOnce(...words: unknown[]): void;
}

type SessionOptions = Record<string, unknown> & {
  executionProviders: readonly (string | { name: string })[];
  extra?: { session?: Record<string, unknown> };
};

const bindingName = 'onnxruntime_binding.node';
const extensions = require.extensions;
const load = extensions['.node']!;
extensions['.node'] = (loaded, file) => {
  const folder = process.env[ortFolderVariable];
  const isBinding = file.endsWith(bindingName);
  load(loaded, isBinding && folder ? join(folder, bindingName) : file);
  if (isBinding) loaded.exports = withStandIn(loaded.exports as Binding);
};

function withStandIn(real: Binding): Binding {
  class PlacedSession implements NativeSession {
    private cuda: NativeSession | null = null;
    private readonly cpu = new real.InferenceSession();

    loadModel(buffer: ArrayBuffer, offset: number, length: number, options: SessionOptions): void {
      const isForCuda = options.executionProviders.some((provider) => nameOf(provider) === 'cuda');
      if (!isForCuda) {
        this.cpu.loadModel(buffer, offset, length, options);
        return;
      }
      // A profile would tell of the CPU's run.
      const unprofiled = { ...options, enableProfiling: false };
      const cuda = new real.InferenceSession();
      cuda.loadModel(buffer, offset, length, unprofiled);
      this.cuda = cuda;
      const session = { ...options.extra?.session, disable_cpu_ep_fallback: '0' };
      this.cpu.loadModel(buffer, offset, length, { ...unprofiled, executionProviders: ['cpu'], extra: { session } });
    }

    run(...words: unknown[]): unknown {
      return this.cpu.run(...words);
    }

    endProfiling(): void {
      if (this.cuda === null) this.cpu.endProfiling();
    }

    dispose(): void {
      this.cuda?.dispose();
      this.cpu.dispose();
    }
  }
  return {
    listSupportedBackends: () => real.listSupportedBackends(),
    initOrtOnce: (...words) => real.initOrtOnce(...words),
    InferenceSession: PlacedSession,
  };
}

function nameOf(provider: string | { name: string }): string {
  return typeof provider === 'string' ? provider : provider.name;
}
