import * as vscode from 'vscode';
import type { EngineError, ProblemView } from '../common/engineContract';

const marginBeforeText = '0 0 0 3em';

/** What the panel shows in the script's editor: the line that ran, and what is wrong with which line. */
export class ScriptMarks implements vscode.Disposable {
  private readonly lineThatRan = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground'),
    overviewRulerColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground'),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
    after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: marginBeforeText },
  });
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('gradstep');
  private readonly subscriptions: vscode.Disposable[];
  private uri: vscode.Uri | null = null;
  private followed = '';
  private line = 0;
  private label = '';
  private reported: readonly [vscode.Uri | null, readonly ProblemView[], EngineError | null] = [null, [], null];

  constructor() {
    this.subscriptions = [
      this.lineThatRan,
      this.diagnostics,
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
    ];
  }

  /**
   * @param line 1-based; 0 marks none
   * @param label what ran there, behind the line's text
   */
  showLine(uri: vscode.Uri | null, line: number, label: string): void {
    if (uri === this.uri && line === this.line && label === this.label) return;
    if (uri !== this.uri) this.clearLine();
    this.uri = uri;
    this.line = line;
    this.label = label;
    this.draw();
  }

  /**
   * Brings the marked line into view where the script is open already.
   * @param place what the line was marked for: once there, the person may scroll away
   */
  follow(place: string): void {
    if (place === this.followed || this.line === 0) return;
    this.followed = place;
    for (const { editor, range } of this.targets()) {
      editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  showProblems(uri: vscode.Uri | null, problems: readonly ProblemView[], error: EngineError | null): void {
    const [reportedUri, reportedProblems, reportedError] = this.reported;
    if (uri === reportedUri && problems === reportedProblems && sameError(error, reportedError)) return;
    this.reported = [uri, problems, error];
    this.diagnostics.clear();
    if (uri === null) return;
    const all = problems.map(({ line, column, message, hint }) => this.diagnostic(uri, line, column, message, hint));
    // One without a line is not about the script's text: the panel alone shows it.
    if (error && error.line !== null) all.push(this.diagnostic(uri, error.line, null, error.message, error.hint));
    this.diagnostics.set(uri, all);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private diagnostic(
    uri: vscode.Uri,
    line: number,
    column: number | null,
    message: string,
    hint: string | null,
  ): vscode.Diagnostic {
    const text = hint === null ? message : `${message}. ${advice(hint)}`;
    const diagnostic = new vscode.Diagnostic(this.rangeOf(uri, line, column), text, vscode.DiagnosticSeverity.Error);
    diagnostic.source = 'Gradstep';
    return diagnostic;
  }

  /** The word that begins at a column; the whole line where no column is known. */
  private rangeOf(uri: vscode.Uri, line: number, column: number | null): vscode.Range {
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
    const index = Math.max(0, line - 1);
    if (!document || index >= document.lineCount) return new vscode.Range(index, column ?? 0, index, column ?? 0);
    const { range, firstNonWhitespaceCharacterIndex } = document.lineAt(index);
    if (column === null) return range.with(range.start.translate(0, firstNonWhitespaceCharacterIndex));
    const start = new vscode.Position(index, Math.min(column, range.end.character));
    return document.getWordRangeAtPosition(start) ?? range.with(start);
  }

  private draw(): void {
    for (const { editor, range } of this.targets()) {
      const contentText = this.label === '' ? '' : `← ${this.label}`;
      editor.setDecorations(
        this.lineThatRan,
        this.line > 0 ? [{ range, renderOptions: { after: { contentText } } }] : [],
      );
    }
  }

  private clearLine(): void {
    for (const { editor } of this.targets()) editor.setDecorations(this.lineThatRan, []);
  }

  private targets(): { editor: vscode.TextEditor; range: vscode.Range }[] {
    const { uri } = this;
    if (uri === null) return [];
    return vscode.window.visibleTextEditors
      .filter(({ document }) => document.uri.toString() === uri.toString())
      .map((editor) => {
        const index = Math.min(Math.max(0, this.line - 1), editor.document.lineCount - 1);
        return { editor, range: editor.document.lineAt(index).range };
      });
  }
}

/** A hint is a sentence, or nothing but the name that may have been meant. */
function advice(hint: string): string {
  return /^[\w.]+$/.test(hint) ? vscode.l10n.t('Did you mean {0}?', hint) : hint;
}

function sameError(a: EngineError | null, b: EngineError | null): boolean {
  return a?.message === b?.message && a?.line === b?.line;
}
