import type * as vscode from 'vscode';
import type { StateSnapshot } from '../common/engineContract';
import type { OutputLine } from '../protocol/contract';

const key = 'session';
const savedLines = 100;

/** What survives a reload of the window. */
export interface SavedSession {
  script: { uri: string; text: string };
  place: { cursor: number; head: number; edits: StateSnapshot['edits'] } | null;
  output: OutputLine[];
}

/** Keeps the open session where VS Code keeps a workspace's state. */
export class SessionMemory {
  private timer: NodeJS.Timeout | null = null;
  private due = 0;
  private pending: (() => SavedSession | null) | null = null;

  constructor(private readonly storage: vscode.Memento) {}

  load(): SavedSession | null {
    const saved = this.storage.get<SavedSession>(key);
    return saved && typeof saved.script?.uri === 'string' ? saved : null;
  }

  /**
   * @param current is asked when it is saved
   * @param delay milliseconds that it may take until then
   */
  save(current: () => SavedSession | null, delay: number): void {
    this.pending = current;
    const due = Date.now() + delay;
    if (this.timer && this.due <= due) return;
    this.clear();
    this.due = due;
    this.timer = setTimeout(() => void this.flush(), delay);
  }

  async flush(): Promise<void> {
    this.clear();
    const saved = this.pending?.() ?? null;
    this.pending = null;
    if (saved) await this.storage.update(key, { ...saved, output: saved.output.slice(-savedLines) });
  }

  async forget(): Promise<void> {
    this.clear();
    this.pending = null;
    await this.storage.update(key, undefined);
  }

  private clear(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
