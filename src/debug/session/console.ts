import type { DebugProtocol } from '@vscode/debugprotocol';
import { OutputEvent } from '@vscode/debugadapter';
import type { EngineError, ProblemView, ProgressView } from '../../common/engineContract';
import type { Translator } from '../../common/translator';
import type { EngineClient } from '../../engine/client';
import type { Ending } from './debuggee';
import { tracebackText } from './stoppedEvents';

type Category = 'stdout' | 'stderr' | 'console' | 'important';

/** Where a text comes from, for the debug console's link. */
export interface ConsoleSource {
  program: string;
  source: string;
  reference: DebugProtocol.Source;
}

/** What a debug session writes into the debug console. */
export class DebugConsole {
  constructor(
    private readonly send: (event: OutputEvent) => void,
    private readonly l10n: Translator,
    private readonly script: () => ConsoleSource,
  ) {}

  /** Returns what ends it. */
  follow(client: EngineClient): () => void {
    const listening = [
      client.on('output', ({ text, stream }) => this.write(stream, text)),
      client.on('notice', ({ message }) => this.write('console', `${message}\n`)),
      client.on('progress', (progress) => this.progress(progress)),
      client.on('breakpointMessage', ({ text, line, isError }) => {
        this.write(isError ? 'stderr' : 'console', `${text}\n`, line);
      }),
    ];
    return () => listening.forEach((stop) => stop());
  }

  write(category: Category, output: string, line?: number): void {
    const event = new OutputEvent(output, category);
    if (line !== undefined) Object.assign(event.body, { source: this.script().reference, line });
    this.send(event);
  }

  /** What a person sees of an ending; nothing of one that went well or was wished for. */
  ending(ending: Ending, deathText: string | null): void {
    if (ending.kind === 'failed') this.failure(ending.error);
    if (ending.kind === 'refused') this.problems(ending.problems);
    if (ending.kind !== 'died') return;
    this.write('important', `${deathText ?? ''}\n`);
    const words = ending.death.stderr.trim();
    if (words !== '') this.write('stderr', `${words}\n`);
  }

  /** An uncaught exception, as Python prints it. */
  private failure({ message, line, hint, traceback }: EngineError): void {
    const { program, source } = this.script();
    const frames = traceback.length > 0 || line === null ? traceback : [{ functionName: '<module>', line }];
    const above =
      frames.length > 0 ? `Traceback (most recent call last):\n${tracebackText(frames, program, source)}\n` : '';
    this.write('stderr', `${above}${message}\n${hint === null ? '' : `${hint}\n`}`, line ?? undefined);
  }

  private problems(problems: readonly ProblemView[]): void {
    const { program } = this.script();
    for (const { line, column, message, hint } of problems) {
      const text = `${program}:${line}:${column + 1}: ${message}${hint === null ? '' : ` (${hint})`}`;
      this.write('stderr', `${text}\n`, line);
    }
    const first = problems[0];
    if (!first) return;
    const line = this.l10n.t('line {0}', first.line);
    this.write('important', `${this.l10n.t('The script was not run: {0}', `${line}: ${first.message}`)}\n`);
  }

  /** A progress bar as it was left; while it fills, the panel shows it. */
  private progress({ closed, description, done, total, postfix }: ProgressView): void {
    if (!closed) return;
    const count =
      total === null ? String(done) : `${total === 0 ? 100 : Math.floor((100 * done) / total)}% ${done}/${total}`;
    const words = [description.replace(/:?\s*$/, ''), count, postfix].filter((word) => word !== '');
    this.write('stderr', `${words.join(' · ')}\n`);
  }
}
