import type { OutputLine } from '../protocol/contract';

const mostLines = 500;
const longestLine = 2000;

/** The last lines of what a script printed and of what the engine had to say. */
export class OutputTail {
  private kept: OutputLine[] = [];
  /** The last line has no line end yet. */
  private unfinished = false;

  /** A copy: what has been shown doesn't change. */
  get lines(): OutputLine[] {
    return [...this.kept];
  }

  /** @param text as it was printed, line ends included */
  append(stream: OutputLine['stream'], text: string): void {
    const pieces = text.split(/\r\n|\r|\n/);
    const ended = pieces.at(-1) === '';
    if (ended) pieces.pop();
    pieces.forEach((piece, index) => {
      const last = this.kept.at(-1);
      if (index === 0 && this.unfinished && last?.stream === stream) {
        this.kept[this.kept.length - 1] = { stream, text: clip(last.text + piece) };
      } else this.kept.push({ stream, text: clip(piece) });
    });
    if (pieces.length > 0 || text !== '') this.unfinished = !ended;
    if (this.kept.length > mostLines) this.kept = this.kept.slice(-mostLines);
  }

  /** A line of its own. */
  note(message: string): void {
    this.unfinished = false;
    this.append('notice', `${message}\n`);
  }

  replace(lines: readonly OutputLine[]): void {
    this.kept = lines.slice(-mostLines);
    this.unfinished = false;
  }
}

function clip(text: string): string {
  return text.length > longestLine ? `${text.slice(0, longestLine - 1)}…` : text;
}
