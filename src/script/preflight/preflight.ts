import { PythonError } from '../../common/errors';
import { compileModule } from '../compiler/compile';
import type { Runtime } from '../interpreter/runtime';
import type { ModuleRow } from '../objects/interpreter';
import { parse } from '../syntax/parse';
import { ScriptChecker } from './scriptChecker';

/** Something in a script that would not run. */
export interface Problem {
  /** 1-based. */
  readonly line: number;
  /** 0-based. */
  readonly column: number;
  /** What kind of problem: `syntax`, `import`, `name`, `attribute`, `argument` or `unsupported`. */
  readonly code: 'syntax' | 'import' | 'name' | 'attribute' | 'argument' | 'unsupported';
  readonly message: string;
  /** The nearest thing that exists, or what to do instead. */
  readonly suggestion: string | null;
}

/**
 * Everything that can be said about a script without running it, in the order of its lines. It only reports what would
 * surely fail when reached, so that a script without problems may still raise.
 */
export function preflight(source: string, modules: readonly ModuleRow[], runtime: Runtime): Problem[] {
  const { module, problems: syntax } = parse(source);
  const problems: Problem[] = syntax.map(({ type, message, line, column }) => ({
    code: 'syntax',
    message: type === 'SyntaxError' ? message : `${type}: ${message}`,
    line,
    column,
    suggestion: null,
  }));
  const checker = new ScriptChecker(module, modules, runtime);
  problems.push(...checker.check(syntax.length === 0));
  if (problems.length === 0) {
    try {
      compileModule(module, false);
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      const place = { line: error.line ?? 1, column: error.column ?? 0 };
      problems.push({ code: 'syntax', message: error.message, ...place, suggestion: error.hint ?? null });
    }
  }
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}
