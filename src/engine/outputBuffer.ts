import type { Channel } from './channel';

const flushCharacters = 64 * 1024;
const flushMilliseconds = 30;

/** Gathers what a script prints into few messages, in order. */
export class OutputBuffer {
  private text = '';
  private stream: 'stdout' | 'stderr' = 'stdout';
  private since = 0;

  constructor(private readonly channel: Channel) {}

  write(text: string, stream: 'stdout' | 'stderr'): void {
    if (this.text !== '' && this.stream !== stream) this.flush();
    if (this.text === '') this.since = Date.now();
    this.stream = stream;
    this.text += text;
    if (this.text.length >= flushCharacters || Date.now() - this.since >= flushMilliseconds) this.flush();
  }

  flush(): void {
    if (this.text === '') return;
    const { text, stream } = this;
    this.text = '';
    this.channel.emit('output', { text, stream }, text.length);
  }
}
