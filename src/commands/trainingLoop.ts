/** Whether a Python text imports torch; looks at nothing but the beginnings of its lines. */
export function importsTorch(text: string): boolean {
  return /^[ \t]*(?:import|from)[ \t]+torch\b/m.test(text);
}

interface LogicalLine {
  /** 0-based. */
  line: number;
  indentation: number;
  /** Without strings and comments. */
  code: string;
}

interface Loop {
  line: number;
  indentation: number;
}

const tabWidth = 8;

/**
 * The line of the training loop: the innermost `for` or `while` around the first `.backward(`, else around the first
 * `.step(`. Where such a call stands in a function outside of any loop, its `def`.
 * @returns 0-based; null where the text trains nothing
 */
export function findTrainingLoop(text: string): number | null {
  const lines = logicalLines(text);
  return enclosing(lines, /\.backward\s*\(/) ?? enclosing(lines, /\.step\s*\(/);
}

function enclosing(lines: readonly LogicalLine[], call: RegExp): number | null {
  const open: (Loop & { isLoop: boolean })[] = [];
  let fallback: number | null = null;
  for (const { line, indentation, code } of lines) {
    while (open.length > 0 && open.at(-1)!.indentation >= indentation) open.pop();
    const isLoop = /^(async\s+for|for|while)\b/.test(code);
    if (isLoop || /^(async\s+def|def|class)\b/.test(code)) open.push({ line, indentation, isLoop });
    if (!call.test(code)) continue;
    const loop = open.filter((block) => block.isLoop).at(-1);
    if (loop) return loop.line;
    fallback ??= open.at(-1)?.line ?? line;
  }
  return fallback;
}

/** Python's logical lines: brackets, backslashes and long strings may take several of the text's. */
function logicalLines(text: string): LogicalLine[] {
  const token = /("""|''')[^]*?(?:\1|$(?![^]))|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|#[^\n]*|\\\r?\n|[^]/g;
  const lines: LogicalLine[] = [];
  let line = 0;
  let depth = 0;
  let start = 0;
  let code = '';
  const finish = () => {
    const trimmed = code.trim();
    if (trimmed !== '') lines.push({ line: start, indentation: indentationOf(code), code: trimmed });
    code = '';
  };
  for (const [piece] of text.matchAll(token)) {
    if (piece === '\n' && depth === 0) finish();
    else if (piece.length === 1) code += piece;
    else if (!piece.startsWith('#')) code += ' ';
    if ('([{'.includes(piece)) depth++;
    if (')]}'.includes(piece)) depth = Math.max(0, depth - 1);
    if (piece.includes('\n')) line += piece.split('\n').length - 1;
    if (code.trim() === '') start = line;
  }
  finish();
  return lines;
}

function indentationOf(code: string): number {
  let width = 0;
  for (const character of code) {
    if (character === '\t') width = (Math.floor(width / tabWidth) + 1) * tabWidth;
    else if (character === ' ') width++;
    else break;
  }
  return width;
}
