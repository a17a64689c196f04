import type { ProgressView } from '../common/engineContract';
import type { Channel } from './channel';

const reportMilliseconds = 100;

/** Progress bars move often; a client is told so often only. */
export class ProgressThrottle {
  private readonly last = new Map<number, number>();

  constructor(private readonly channel: Channel) {}

  report(progress: ProgressView): void {
    const now = Date.now();
    if (!progress.closed && now - (this.last.get(progress.id) ?? 0) < reportMilliseconds) return;
    if (progress.closed) this.last.delete(progress.id);
    else this.last.set(progress.id, now);
    this.channel.emit('progress', progress);
  }
}
