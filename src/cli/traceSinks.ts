import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { EngineError, TraceItem } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import { EventTable } from './table';
import { errorLine, headerLine, itemLine } from './traceFormat';

/** Where a trace goes. Writing is synchronous: a slow reader slows the script down. */
export interface TraceSink {
  /** Told before the first item, and as often as one likes. */
  device(device: string): void;
  /** In the order in which they happened; written in one go. */
  items(items: readonly TraceItem[]): void;
  error(error: EngineError): void;
  finish(): void;
  /** Leaves nothing behind. */
  discard(): void;
}

export function traceSink(out: string | null, engine: string): TraceSink {
  return out === null ? new TableSink() : new FileSink(out, engine);
}

/** JSON lines in a temporary file, which takes its name at the end. */
class FileSink implements TraceSink {
  private readonly temporary: string;
  private file: number | null;
  private headed = false;
  private deviceName = 'cpu';

  constructor(
    private readonly path: string,
    private readonly engine: string,
  ) {
    this.temporary = `${path}.${process.pid}.part`;
    try {
      this.file = openSync(this.temporary, 'w');
    } catch (cause) {
      throw new GradstepError(`${path} can't be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
        code: 'cli.unwritable',
        cause,
      });
    }
  }

  device(device: string): void {
    this.deviceName = device;
  }

  items(items: readonly TraceItem[]): void {
    this.write(items.map(itemLine).filter((line) => line !== null));
  }

  error(error: EngineError): void {
    this.write([errorLine(error)]);
  }

  finish(): void {
    if (this.file === null) return;
    this.writeHeader(this.file);
    fsyncSync(this.file);
    closeSync(this.file);
    this.file = null;
    renameSync(this.temporary, this.path);
  }

  discard(): void {
    if (this.file === null) return;
    closeSync(this.file);
    this.file = null;
    rmSync(this.temporary, { force: true });
  }

  private write(lines: readonly string[]): void {
    if (this.file === null) return;
    this.writeHeader(this.file);
    writeAll(this.file, lines.map((line) => `${line}\n`).join(''));
  }

  private writeHeader(file: number): void {
    if (this.headed) return;
    this.headed = true;
    writeAll(file, `${headerLine(this.engine, this.deviceName)}\n`);
  }
}

/** Events as a table on the terminal, with the script's own output in between. */
class TableSink implements TraceSink {
  private readonly table = new EventTable();

  device(): void {
    return;
  }

  items(items: readonly TraceItem[]): void {
    let text = '';
    for (const item of items) {
      if (item.kind === 'event') {
        text += `${this.table.lines(item).join('\n')}\n`;
      } else if (item.stream === 'stdout') {
        text += item.text;
      } else {
        writeAll(1, text);
        text = '';
        writeAll(2, item.text);
      }
    }
    writeAll(1, text);
  }

  error(): void {
    return;
  }

  finish(): void {
    return;
  }

  discard(): void {
    return;
  }
}

const retryMilliseconds = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** A pipe that is full for the moment is waited for; one that nobody reads any more ends the program. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(file, bytes, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(0);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, retryMilliseconds);
    }
  }
}
