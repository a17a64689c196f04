import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GradstepError } from '../common/errors';

/** A number of things as people read it: `10,000`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** False as well for what can't be looked at, such as a path that goes through a file. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

/** An error about one file of a data set: what is wrong with it, what was expected, and what to do. */
export function fileError(code: string, file: string, problem: string, expected: string, hint: string): GradstepError {
  return new GradstepError(`${file}: ${problem}; expected ${expected}. ${hint}`, { code, hint });
}

/** A file's bytes; `.gz` files are unpacked. Throws `data.unreadable` or `data.foreign`. */
export function readBytes(file: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new GradstepError(`${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'data.unreadable',
      hint: 'Check that the file exists and that you may read it.',
      cause,
    });
  }
  if (!file.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    throw fileError(
      'data.truncated',
      file,
      `${count(bytes.length)} bytes that are no complete gzip file`,
      'a whole .gz file',
      'Delete it and download it again.',
    );
  }
}

/** Where a folder of that name can be under `roots`: a root itself, directly below, or one level deeper. */
export function candidateFolders(roots: readonly string[], name: string): string[] {
  const found: string[] = [];
  for (const root of roots) {
    if (!isDirectory(root)) continue;
    if (basename(root) === name) found.push(root);
    found.push(join(root, name));
    for (const entry of readdirSync(root).sort()) found.push(join(root, entry, name));
  }
  return [...new Set(found)].filter(isDirectory);
}

/** The file itself, or the same with `.gz`; undefined when neither is there. */
export function plainOrGzip(file: string): string | undefined {
  return [file, `${file}.gz`].find((path) => existsSync(path));
}
