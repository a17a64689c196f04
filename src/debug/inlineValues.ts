import * as vscode from 'vscode';
import { expressionAt, namesBoundAbove } from './pythonText';

/** Whether a document is the script of the debug session that the person looks at. */
export type IsDebugged = (document: vscode.TextDocument) => boolean;

/** Values at the ends of the lines that bound them. Of other debuggers' sessions nothing is shown. */
export class ScriptInlineValues implements vscode.InlineValuesProvider {
  constructor(private readonly isDebugged: IsDebugged) {}

  provideInlineValues(
    document: vscode.TextDocument,
    viewPort: vscode.Range,
    { stoppedLocation }: vscode.InlineValueContext,
  ): vscode.InlineValue[] | undefined {
    if (!this.isDebugged(document)) return undefined;
    const text = document.getText();
    const offset = document.offsetAt(new vscode.Position(stoppedLocation.start.line, 0));
    return namesBoundAbove(text, offset)
      .map(({ name, from, to }) => {
        const range = new vscode.Range(document.positionAt(from), document.positionAt(to));
        return new vscode.InlineValueEvaluatableExpression(range, name);
      })
      .filter(({ range }) => viewPort.contains(range));
  }
}

/** What a hover evaluates: a whole chain of members, up to the one that is pointed at. */
export class ScriptExpressions implements vscode.EvaluatableExpressionProvider {
  constructor(private readonly isDebugged: IsDebugged) {}

  provideEvaluatableExpression(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.EvaluatableExpression | undefined {
    if (!this.isDebugged(document)) return undefined;
    const found = expressionAt(document.getText(), document.offsetAt(position));
    if (!found) return undefined;
    const range = new vscode.Range(document.positionAt(found.from), document.positionAt(found.to));
    return new vscode.EvaluatableExpression(range, document.getText(range));
  }
}
