import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { english } from '../../src/common/translator';
import type { DebugLaunch, DebugSurroundings } from '../../src/debug/session/debugSurroundings';
import { EngineClient } from '../../src/engine/client';

/** A debug session's surroundings without an IDE: files of the disk, English texts, no questions. */
export class PlainSurroundings implements DebugSurroundings {
  readonly engines: EngineClient[] = [];
  readonly questions: string[] = [];
  /** What a question is answered. */
  agrees = true;
  private readonly watchers = new Set<() => void>();
  private readonly texts = new Map<string, string>();

  constructor(
    private readonly createEngine = (): EngineClient => new EngineClient({ entry: join('dist', 'engine', 'main.cjs') }),
  ) {}

  readonly l10n = english;

  settings(): DebugLaunch['settings'] {
    return { device: 'cpu', threads: 1, dataFolder: null };
  }

  readSource(program: string): Promise<string> {
    const edited = this.texts.get(program);
    return Promise.resolve().then(() => edited ?? readFileSync(program, 'utf8'));
  }

  onDidChangeSource(_program: string, listener: () => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  /** As if somebody typed in the script's editor. */
  change(program: string, text: string): void {
    this.texts.set(program, text);
    for (const listener of this.watchers) listener();
  }

  openEngine(): EngineClient {
    const client = this.createEngine();
    this.engines.push(client);
    return client;
  }

  closeEngine(client: EngineClient): void {
    client.dispose();
  }

  confirm(question: string): Promise<boolean> {
    this.questions.push(question);
    return Promise.resolve(this.agrees);
  }

  deathText({ exitCode, signal }: { exitCode: number | null; signal: string | null }): string {
    return `The engine's process has ended (${signal ?? exitCode}).`;
  }
}
