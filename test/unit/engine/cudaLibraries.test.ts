import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  cudaEnvironment,
  cudaLibraryFolders,
  givenFolders,
  type LibrarySearch,
} from '../../../src/engine/cudaLibraries';

/** A made-up tree of files. */
function tree(context: TestContext, files: readonly string[]): { root: string; search: LibrarySearch } {
  const root = mkdtempSync(join(tmpdir(), 'gradstep-cuda-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  const search = { environment: {}, scriptFolder: null, home: join(root, 'home'), systemPrefixes: [join(root, 'usr')] };
  return { root, search };
}

const site = 'lib/python3.12/site-packages';

test('finds the packages of PyTorch wheels, and torch itself', (context) => {
  const { root, search } = tree(context, [
    `usr/${site}/nvidia/cu13/lib/libcublas.so.13`,
    `usr/${site}/nvidia/cudnn/lib/libcudnn.so.9`,
    `usr/${site}/nvidia/cudnn/include/cudnn.h`,
    `usr/${site}/nvidia/headers_only/lib/readme.txt`,
    `usr/${site}/torch/lib/libc10_cuda.so`,
  ]);
  assert.deepEqual(
    cudaLibraryFolders(search),
    ['nvidia/cu13/lib', 'nvidia/cudnn/lib', 'torch/lib'].map((folder) => join(root, 'usr', site, folder)),
  );
});

test('the nearest Python comes first, and only one Python is taken', (context) => {
  const places = ['venv', 'project/.venv', 'conda', 'tools', 'home/.local', 'usr'];
  const { root, search } = tree(context, [
    ...places.map((place) => `${place}/${site}/nvidia/cu13/lib/libcudart.so.13`),
    'tools/bin/python3',
    'empty/bin/python3',
    'project/deep/train.py',
  ]);
  const expect = (place: string, change: Partial<LibrarySearch>): void =>
    assert.deepEqual(cudaLibraryFolders({ ...search, ...change }), [join(root, place, site, 'nvidia/cu13/lib')]);
  const environment = {
    VIRTUAL_ENV: join(root, 'venv'),
    CONDA_PREFIX: join(root, 'conda'),
    PATH: [join(root, 'empty/bin'), join(root, 'tools/bin')].join(process.platform === 'win32' ? ';' : ':'),
  };
  const scriptFolder = join(root, 'project/deep');
  expect('venv', { environment, scriptFolder });
  expect('project/.venv', { environment: { ...environment, VIRTUAL_ENV: '' }, scriptFolder });
  expect('conda', { environment: { ...environment, VIRTUAL_ENV: join(root, 'gone') } });
  expect('tools', { environment: { PATH: environment.PATH } });
  expect('home/.local', {});
  rmSync(join(root, 'home'), { recursive: true });
  expect('usr', {});
});

test('Debian keeps packages in dist-packages, without a minor version', (context) => {
  const { root, search } = tree(context, ['usr/lib/python3/dist-packages/nvidia/cudnn/lib/libcudnn.so.9']);
  assert.deepEqual(cudaLibraryFolders(search), [join(root, 'usr/lib/python3/dist-packages/nvidia/cudnn/lib')]);
});

test('the environment keeps what it had first; without libraries nothing is set', (context) => {
  const { root, search } = tree(context, [`usr/${site}/nvidia/cu12/lib/libcudart.so.12`]);
  const folder = join(root, 'usr', site, 'nvidia/cu12/lib');
  assert.deepEqual(cudaEnvironment(search), { LD_LIBRARY_PATH: folder });
  assert.deepEqual(cudaEnvironment({ ...search, environment: { LD_LIBRARY_PATH: '/own' } }), {
    LD_LIBRARY_PATH: `/own:${folder}`,
  });
  assert.deepEqual(cudaEnvironment({ ...search, systemPrefixes: [] }), {});
});

test('the folders that the person has set come before all others', (context) => {
  const { root, search } = tree(context, [`usr/${site}/nvidia/cu13/lib/libcudart.so.13`]);
  const found = join(root, 'usr', site, 'nvidia/cu13/lib');
  const environment = { LD_LIBRARY_PATH: '/system' };
  assert.deepEqual(cudaEnvironment({ ...search, environment, given: ['/one', '/two'] }), {
    LD_LIBRARY_PATH: `/one:/two:/system:${found}`,
  });
  assert.deepEqual(cudaEnvironment({ ...search, systemPrefixes: [], given: ['/one'] }), { LD_LIBRARY_PATH: '/one' });
});

test('a setting of folders is a list or one text, and anything else is none', () => {
  assert.deepEqual(givenFolders(['/one', ' /two ', '', 3]), ['/one', '/two']);
  assert.deepEqual(givenFolders('/one:/two:'), ['/one', '/two']);
  for (const value of [undefined, null, '', 5, {}]) assert.deepEqual(givenFolders(value), []);
});
