import assert from 'node:assert/strict';
import { test } from 'node:test';
import { devicePlace } from '../../../webview/devicePlace';
import { setLocale } from '../../../webview/strings';

test('the device is said with its provider, and with every graph that is partly on the CPU', () => {
  setLocale('en');
  assert.deepEqual(devicePlace({ device: 'cpu', onCpu: [] }), {
    label: 'CPU',
    detail: 'ONNX Runtime: CPUExecutionProvider',
  });
  assert.deepEqual(devicePlace({ device: 'cuda', onCpu: [] }), {
    label: 'CUDA',
    detail: 'ONNX Runtime: CUDAExecutionProvider\nEvery graph is wholly on it.',
  });
  const onCpu = [
    { graph: 'forward', graphs: 1, operators: [] },
    { graph: 'backward', graphs: 2, operators: ['Exp', 'Neg'] },
  ];
  assert.deepEqual(devicePlace({ device: 'cuda', onCpu }), {
    label: 'CUDA · 3 graphs partly on the CPU',
    detail:
      'ONNX Runtime: CUDAExecutionProvider\nThese stay on the CPU in part:\nforward: 1 graph\nbackward: 2 graphs, with Exp, Neg',
  });
  assert.match(devicePlace({ device: 'cuda', onCpu: onCpu.slice(0, 1) }).label, /1 graph partly/);
  setLocale('zh-cn');
  assert.match(devicePlace({ device: 'cuda', onCpu }).detail, /backward：2 个计算图，含 Exp, Neg/);
});
