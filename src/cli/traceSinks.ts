import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { EngineError, TraceItem } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import { EventTable } from './table';
import { errorLine, headerLine, itemLine } from './traceFormat';

/** Where a trace goes. Writing is synchronous: a slow reader slows the script down. */
export interface TraceSink {
  /** Told before the first item, and as often as one likes. */
  device(device: string): void;
  item(item: TraceItem): void;
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

  item(item: TraceItem): void {
    this.write(itemLine(item));
  }

  error(error: EngineError): void {
    this.write(errorLine(error));
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

  private write(line: string): void {
    if (this.file === null) return;
    this.writeHeader(this.file);
    writeAll(this.file, `${line}\n`);
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

  item(item: TraceItem): void {
    if (item.kind === 'print') writeAll(item.stream === 'stdout' ? 1 : 2, item.text);
    else writeAll(1, this.table.lines(item).join('\n') + '\n');
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
