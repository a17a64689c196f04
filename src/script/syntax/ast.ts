/** Where a node starts: `line` is 1-based, `column` 0-based, `end` an offset into the source. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

interface Node extends Position {
  readonly kind: string;
}

export type ConstantValue = null | boolean | bigint | number | string | Uint8Array;

export interface Constant extends Node {
  readonly kind: 'constant';
  readonly value: ConstantValue;
}
export interface EllipsisConstant extends Node {
  readonly kind: 'ellipsis';
}
export interface Name extends Node {
  readonly kind: 'name';
  readonly name: string;
}
export interface Attribute extends Node {
  readonly kind: 'attribute';
  readonly object: Expression;
  readonly name: string;
  readonly nameLine: number;
  readonly nameColumn: number;
}
export interface Subscript extends Node {
  readonly kind: 'subscript';
  readonly object: Expression;
  readonly index: Expression;
}
export interface Slice extends Node {
  readonly kind: 'slice';
  readonly start: Expression | null;
  readonly stop: Expression | null;
  readonly step: Expression | null;
}
/** One argument: plain, `*value`, `name=value` or `**value` (name null). */
export interface Argument extends Position {
  readonly form: 'plain' | 'star' | 'keyword' | 'doubleStar';
  readonly name: string | null;
  readonly value: Expression;
}
export interface Call extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Argument[];
}
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: '-' | '+' | '~' | 'not';
  readonly operand: Expression;
}
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Comparison extends Node {
  readonly kind: 'comparison';
  readonly left: Expression;
  readonly operators: readonly string[];
  readonly rights: readonly Expression[];
}
export interface Logical extends Node {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
}
export interface Conditional extends Node {
  readonly kind: 'conditional';
  readonly test: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}
export interface Lambda extends Node {
  readonly kind: 'lambda';
  readonly parameters: readonly ParameterNode[];
  readonly body: Expression;
}
export interface Sequence extends Node {
  readonly kind: 'tuple' | 'list' | 'set';
  readonly items: readonly Expression[];
}
export interface Starred extends Node {
  readonly kind: 'starred';
  readonly value: Expression;
}
export interface DictDisplay extends Node {
  readonly kind: 'dict';
  /** A null key is `**value`. */
  readonly entries: readonly { readonly key: Expression | null; readonly value: Expression }[];
}
export interface ComprehensionClause {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}
export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly form: 'list' | 'set' | 'dict' | 'generator';
  readonly element: Expression;
  /** The value of a dict comprehension. */
  readonly value: Expression | null;
  readonly clauses: readonly ComprehensionClause[];
}
export interface Named extends Node {
  readonly kind: 'named';
  readonly name: string;
  readonly value: Expression;
}
export interface Yield extends Node {
  readonly kind: 'yield';
  readonly value: Expression | null;
  readonly from: boolean;
}
export interface Await extends Node {
  readonly kind: 'await';
  readonly value: Expression;
}
export type FormatPart =
  | { readonly text: string }
  | {
      readonly value: Expression;
      readonly conversion: 'r' | 's' | 'a' | null;
      readonly specification: readonly FormatPart[] | null;
    };
export interface FormatString extends Node {
  readonly kind: 'format';
  readonly parts: readonly FormatPart[];
}

export type Expression =
  | Constant
  | EllipsisConstant
  | Name
  | Attribute
  | Subscript
  | Slice
  | Call
  | Unary
  | Binary
  | Comparison
  | Logical
  | Conditional
  | Lambda
  | Sequence
  | Starred
  | DictDisplay
  | Comprehension
  | Named
  | Yield
  | Await
  | FormatString;

export interface ParameterNode extends Position {
  readonly name: string;
  readonly form: 'positional' | 'normal' | 'rest' | 'keyword' | 'keywords';
  readonly annotation: Expression | null;
  readonly defaultValue: Expression | null;
}

export interface ExpressionStatement extends Node {
  readonly kind: 'expression';
  readonly value: Expression;
}
export interface Assign extends Node {
  readonly kind: 'assign';
  readonly targets: readonly Expression[];
  readonly value: Expression;
}
export interface AnnotatedAssign extends Node {
  readonly kind: 'annotated';
  readonly target: Expression;
  readonly annotation: Expression;
  readonly value: Expression | null;
}
export interface AugmentedAssign extends Node {
  readonly kind: 'augmented';
  readonly target: Expression;
  readonly operator: string;
  readonly value: Expression;
}
export interface Delete extends Node {
  readonly kind: 'delete';
  readonly targets: readonly Expression[];
}
export interface Simple extends Node {
  readonly kind: 'pass' | 'break' | 'continue';
}
export interface Return extends Node {
  readonly kind: 'return';
  readonly value: Expression | null;
}
export interface Raise extends Node {
  readonly kind: 'raise';
  readonly value: Expression | null;
  readonly cause: Expression | null;
}
export interface ImportedName extends Position {
  readonly name: string;
  readonly alias: string | null;
}
export interface Import extends Node {
  readonly kind: 'import';
  readonly names: readonly ImportedName[];
}
export interface ImportFrom extends Node {
  readonly kind: 'importFrom';
  readonly module: string;
  /** The number of leading dots. */
  readonly level: number;
  /** `null` for `*`. */
  readonly names: readonly ImportedName[] | null;
}
export interface Scope extends Node {
  readonly kind: 'global' | 'nonlocal';
  readonly names: readonly string[];
}
export interface Assert extends Node {
  readonly kind: 'assert';
  readonly test: Expression;
  readonly message: Expression | null;
}
export interface If extends Node {
  readonly kind: 'if';
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}
export interface While extends Node {
  readonly kind: 'while';
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}
export interface For extends Node {
  readonly kind: 'for';
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
  readonly isAsync: boolean;
}
export interface ExceptHandler extends Position {
  readonly type: Expression | null;
  readonly name: string | null;
  readonly body: readonly Statement[];
}
export interface Try extends Node {
  readonly kind: 'try';
  readonly body: readonly Statement[];
  readonly handlers: readonly ExceptHandler[];
  readonly otherwise: readonly Statement[];
  readonly final: readonly Statement[];
}
export interface With extends Node {
  readonly kind: 'with';
  readonly items: readonly { readonly context: Expression; readonly target: Expression | null }[];
  readonly body: readonly Statement[];
  readonly isAsync: boolean;
}
export interface FunctionDefinition extends Node {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: readonly ParameterNode[];
  readonly returns: Expression | null;
  readonly body: readonly Statement[];
  readonly decorators: readonly Expression[];
  readonly isAsync: boolean;
}
export interface ClassDefinition extends Node {
  readonly kind: 'class';
  readonly name: string;
  readonly args: readonly Argument[];
  readonly body: readonly Statement[];
  readonly decorators: readonly Expression[];
}
export type Pattern =
  | (Position & { readonly kind: 'capture'; readonly name: string | null })
  | (Position & { readonly kind: 'value'; readonly value: Expression })
  | (Position & { readonly kind: 'sequence'; readonly items: readonly Pattern[] })
  | (Position & { readonly kind: 'star'; readonly name: string | null })
  | (Position & {
      readonly kind: 'mapping';
      readonly entries: readonly { readonly key: Expression; readonly pattern: Pattern }[];
      readonly rest: string | null;
    })
  | (Position & {
      readonly kind: 'class';
      readonly type: Expression;
      readonly positional: readonly Pattern[];
      readonly keywords: readonly { readonly name: string; readonly pattern: Pattern }[];
    })
  | (Position & { readonly kind: 'or'; readonly options: readonly Pattern[] })
  | (Position & { readonly kind: 'as'; readonly pattern: Pattern; readonly name: string });
export interface MatchCase extends Position {
  readonly pattern: Pattern;
  readonly guard: Expression | null;
  readonly body: readonly Statement[];
}
export interface Match extends Node {
  readonly kind: 'match';
  readonly subject: Expression;
  readonly cases: readonly MatchCase[];
}

export type Statement =
  | ExpressionStatement
  | Assign
  | AnnotatedAssign
  | AugmentedAssign
  | Delete
  | Simple
  | Return
  | Raise
  | Import
  | ImportFrom
  | Scope
  | Assert
  | If
  | While
  | For
  | Try
  | With
  | FunctionDefinition
  | ClassDefinition
  | Match;

export interface Module {
  readonly body: readonly Statement[];
  readonly source: string;
}
