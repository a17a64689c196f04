/**
 * The native binding under onnxruntime-node 1.30.0. Its `run` is synchronous; the public API only wraps it in
 * `setImmediate`. The version is pinned, so this declaration holds.
 */
declare module 'onnxruntime-node/dist/binding' {
  export interface NativeTensor {
    readonly type: string;
    readonly dims: readonly number[];
    readonly data: unknown;
    readonly location: 'cpu';
  }
  export interface NativeSession {
    loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
    run(
      feeds: Record<string, NativeTensor>,
      fetches: Record<string, NativeTensor | null>,
      options: object,
    ): Record<string, NativeTensor>;
    endProfiling(): void;
    dispose(): void;
  }
  export const binding: {
    InferenceSession: new () => NativeSession;
    listSupportedBackends(): readonly { name: string; bundled: boolean }[];
  };
  export function initOrt(): void;
}
