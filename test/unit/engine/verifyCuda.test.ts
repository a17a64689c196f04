import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { maySupportCuda } from '../../../src/engine/cudaCheck';
import { cudaOrtFolder } from '../../../src/engine/cudaFolders';

const entry = join('dist', 'engine', 'main.cjs');
const skip = maySupportCuda(process.env, cudaOrtFolder(process.env, entry, null)) && 'there may be CUDA here';

test('without a GPU the verification says what is missing and fails', { skip }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('scripts', 'verifyCuda.mjs'), '--built'], {
    encoding: 'utf8',
  });
  assert.equal(status, 1, stderr);
  assert.match(stdout, /^GPU +nvidia-smi: not found/m);
  assert.match(stdout, /^CUDA +can't be used: \S/m);
  assert.match(stdout, /Nothing else was checked/);
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  assert.match(stdout, /^provider +libonnxruntime_providers_cuda\.so: missing/m);
  assert.match(stdout, /libonnxruntime_providers_shared\.so was not found.*\n +Run "Gradstep: Install CUDA Provider/);
});
