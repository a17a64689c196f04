import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StartOptions } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import { EngineClient } from '../engine/client';
import { parseCommandLine, usage, type TraceCommand } from './commandLine';
import { traceSink, type TraceSink } from './traceSinks';

const exitCodes = { good: 0, scriptFailed: 1, refused: 2, interrupted: 130 } as const;
/** The trace needs no history. */
const byteBudget = 64 * 1024 * 1024;

/** How often a traceback's repeated frame is written out. */
const shownRepeats = 3;

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return exitCodes.good;
  }
  let command: TraceCommand;
  let source: string;
  let sink: TraceSink;
  try {
    command = parseCommandLine(words);
    source = readScript(command.script);
    requireFolder(command.dataFolder);
    sink = traceSink(command.out, versions());
  } catch (error) {
    if (!(error instanceof GradstepError)) throw error;
    complain(error.message);
    if (error.code === 'cli.usage') complain(usage);
    return exitCodes.refused;
  }
  process.once('SIGINT', () => {
    sink.discard();
    process.exit(exitCodes.interrupted);
  });
  return trace(command, source, sink);
}

function readScript(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new GradstepError(`${path} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'cli.unreadable',
    });
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
    throw new TypeError('a text has no NUL');
  } catch {
    throw new GradstepError(`${path} is no Python script: it is not UTF-8 text`, { code: 'cli.notText' });
  }
}

function requireFolder(path: string | null): void {
  if (path === null || statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new GradstepError(`${path} is no folder`, { code: 'cli.noFolder' });
}

async function trace(command: TraceCommand, source: string, sink: TraceSink): Promise<number> {
  const client = new EngineClient({ entry: join(__dirname, '..', 'engine', 'main.cjs') });
  client.on('state', ({ device }) => sink.device(device));
  client.on('trace', ({ items }) => sink.items(items));
  client.on('notice', ({ message }) => complain(message));
  let native = '';
  client.on('died', ({ stderr }) => (native = stderr.trim()));
  try {
    const report = await client.start(startOptions(command, source));
    if (report.reason === 'refused') {
      for (const { line, column, message, hint } of report.problems) {
        complain(`${command.script}:${line}:${column + 1}: ${message}${hint === null ? '' : ` (${hint})`}`);
      }
      sink.discard();
      return exitCodes.refused;
    }
    if (report.error) {
      sink.error(report.error);
      const { traceback, line, message, hint } = report.error;
      for (const text of tracebackLines(traceback, command.script)) complain(text);
      complain(`${command.script}:${line ?? '?'}: ${message}${hint === null ? '' : `\n  ${hint}`}`);
    }
    sink.finish();
    return report.error ? exitCodes.scriptFailed : exitCodes.good;
  } catch (error) {
    sink.discard();
    complain(error instanceof Error ? error.message : String(error));
    if (error instanceof GradstepError && error.code === 'engine.noCuda') complain(`  ${error.hint}`);
    if (native !== '') complain(native);
    return exitCodes.scriptFailed;
  } finally {
    client.dispose();
  }
}

function startOptions(command: TraceCommand, source: string): StartOptions {
  const { events, graphFolder, dataFolder, device, threads, run, script } = command;
  return {
    fileName: resolve(script),
    source,
    device,
    threads,
    dataFolder: dataFolder === null ? null : resolve(dataFolder),
    mode: run ? 'running' : 'stepping',
    goal: events === Infinity ? { kind: 'continue' } : { kind: 'events', count: events },
    byteBudget,
    trace: true,
    ...(graphFolder !== null && { graphFolder: resolve(graphFolder) }),
  };
}

function versions(): string {
  const root = join(__dirname, '..', '..');
  const { version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
    dependencies: Record<string, string>;
  };
  return `gradstep ${version} (onnxruntime ${dependencies['onnxruntime-node']})`;
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

/** A traceback's frames, outermost first; a frame that repeats is counted after its third time, as in Python. */
function tracebackLines(frames: readonly { functionName: string; line: number }[], script: string): string[] {
  const groups: { text: string; count: number }[] = [];
  for (const { functionName, line } of frames) {
    const text = `  ${script}, line ${line}, in ${functionName}`;
    const last = groups.at(-1);
    if (last?.text === text) last.count++;
    else groups.push({ text, count: 1 });
  }
  return groups.flatMap(({ text, count }) => {
    const shown = new Array<string>(Math.min(count, shownRepeats)).fill(text);
    const hidden = count - shownRepeats;
    return hidden > 0 ? [...shown, `  [Previous line repeated ${hidden} more time${hidden > 1 ? 's' : ''}]`] : shown;
  });
}
