import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeModel } from '../core/onnx/encodeModel';
import type { GraphListener } from '../core/tensor/graphCache';

/** Writes every compiled graph as `0000_name.onnx` and so on. */
export function writeGraphs(folder: string): GraphListener {
  mkdirSync(folder, { recursive: true });
  let count = 0;
  return (graph) => {
    const number = String(count++).padStart(4, '0');
    writeFileSync(join(folder, `${number}_${graph.name.replace(/[^\w.-]/g, '_')}.onnx`), encodeModel(graph));
  };
}
