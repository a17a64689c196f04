import type { Runtime } from '../interpreter/runtime';
import type { ModuleRow } from '../objects/interpreter';

/** Something in a script that would not run. */
export interface Problem {
  /** 1-based. */
  readonly line: number;
  /** 0-based. */
  readonly column: number;
  readonly code: string;
  readonly message: string;
  /** The nearest thing that exists. */
  readonly suggestion: string | null;
}

export function preflight(_source: string, _modules: readonly ModuleRow[], _runtime: Runtime): Problem[] {
  return [];
}
