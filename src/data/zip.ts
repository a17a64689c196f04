import { createReadStream, createWriteStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { GradstepError } from '../common/errors';

/** A file in a ZIP archive. */
export interface ZipEntry {
  name: string;
  method: number;
  compressedSize: number;
  size: number;
  /** Of its local header, in bytes from the archive's beginning. */
  offset: number;
}

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3 and 4.4.5. */
const signatures = { end: 0x06054b50, central: 0x02014b50, local: 0x04034b50 } as const;
const headerLengths = { end: 22, central: 46, local: 30 } as const;
const longestComment = 0xffff;
const methods = { stored: 0, deflated: 8 } as const;
/** Stands for a number that is too large for its field, in archives of 4 GB and more. */
const elsewhere = 0xffffffff;

/** What an archive has, as its directory at the end says. @throws GradstepError `data.zip` when it is no such archive */
export async function readZipDirectory(file: string): Promise<ZipEntry[]> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const tail = await readAt(handle, Math.max(0, size - headerLengths.end - longestComment), size);
    const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
    if (at < 0 || tail.length - at < headerLengths.end) throw zipError(file, 'its directory is missing');
    const [count, length, start] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    if (start === elsewhere || start + length > size) throw zipError(file, 'its directory lies outside of it');
    return parseDirectory(await readAt(handle, start, start + length), count, file);
  } finally {
    await handle.close();
  }
}

function parseDirectory(bytes: Buffer, count: number, file: string): ZipEntry[] {
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count;) {
    if (at + headerLengths.central > bytes.length || bytes.readUInt32LE(at) !== signatures.central) {
      throw zipError(file, `its directory ends after ${entries.length} of ${count} files`);
    }
    const nameEnd = at + headerLengths.central + bytes.readUInt16LE(at + 28);
    entries.push({
      name: bytes.toString('utf8', at + headerLengths.central, nameEnd),
      method: bytes.readUInt16LE(at + 10),
      compressedSize: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    });
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

/** Unpacks one file. Its bytes are as good as the archive's: whoever needs to know checks that one. */
export async function extractZipEntry(
  file: string,
  entry: ZipEntry,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const { name, method, compressedSize, size, offset } = entry;
  if (method !== methods.stored && method !== methods.deflated) throw zipError(file, `${name} has method ${method}`);
  if ([compressedSize, size, offset].includes(elsewhere)) throw zipError(file, `${name} is larger than 4 GB`);
  const start = await dataStart(file, entry);
  const source = createReadStream(file, { start, end: start + compressedSize - 1 });
  const output = createWriteStream(target);
  const options = signal && { signal };
  try {
    if (compressedSize === 0) output.end();
    else if (method === methods.stored) await pipeline(source, output, { ...options });
    else await pipeline(source, createInflateRaw(), output, { ...options });
  } catch (cause) {
    throw zipError(file, `${name} can't be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (output.bytesWritten !== size) throw zipError(file, `${name} has ${output.bytesWritten} bytes, expected ${size}`);
}

/** The local header repeats the name and has other extra fields than the directory. */
async function dataStart(file: string, { name, offset }: ZipEntry): Promise<number> {
  const handle = await open(file);
  try {
    const header = await readAt(handle, offset, offset + headerLengths.local);
    if (header.length < headerLengths.local || header.readUInt32LE(0) !== signatures.local) {
      throw zipError(file, `${name} is not where the directory says`);
    }
    return offset + headerLengths.local + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
  return buffer.subarray(0, bytesRead);
}

function zipError(file: string, problem: string, cause?: unknown): GradstepError {
  return new GradstepError(`${file} is no ZIP archive that can be read: ${problem}.`, {
    code: 'data.zip',
    hint: 'Delete it and download it again.',
    cause,
  });
}
