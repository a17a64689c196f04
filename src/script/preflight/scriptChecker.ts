import { nearest } from '../../common/nearest';
import { refusedBuiltins } from '../builtins/functions';
import { collectBindings, lambdaBindings, Scope, targetNames } from '../compiler/scope';
import { blocks, childExpressions, statementExpressions } from '../compiler/walk';
import type { Runtime } from '../interpreter/runtime';
import { PyModule } from '../objects/functions';
import type { ModuleRow } from '../objects/interpreter';
import { nativeNames, PyClass } from '../objects/value';
import type {
  Attribute,
  Call,
  Comprehension,
  Expression,
  ImportFrom,
  Module,
  Position,
  Statement,
} from '../syntax/ast';
import type { Problem } from './preflight';
import type { ScriptNames } from './scriptNames';
import { collectScriptNames } from './scriptNames';
import { callSignature, StaticValues } from './staticValues';

/** Attributes that native code sets on its instances under names that are no parameter or member. */
const dynamicAttributes = [
  'args',
  'base_lrs',
  'best',
  'bias',
  'classes',
  'class_to_idx',
  'cumulative_sizes',
  'data',
  'datasets',
  'defaults',
  'imgs',
  'indices',
  'missing_keys',
  'next_functions',
  'num_bad_epochs',
  'num_batches_tracked',
  'param_groups',
  'running_mean',
  'running_var',
  'samples',
  'state',
  'targets',
  'training',
  'unexpected_keys',
  'values',
  'variable',
  'weight',
  'in_proj_weight',
  'in_proj_bias',
  'last_epoch',
];
const recurrentParameter = /^(weight|bias)_(ih|hh|hr)_l\d+(_reverse)?$/;
const generalAttributes = [
  '__name__',
  '__qualname__',
  '__doc__',
  '__dict__',
  '__class__',
  '__module__',
  '__mro__',
  '__bases__',
  '__wrapped__',
  '__self__',
  '__func__',
  '__file__',
  '__annotations__',
  '__cause__',
  '__context__',
  '__traceback__',
  '__version__',
  '__members__',
  'fget',
  'fset',
];
const moduleGlobals = new Set(['__name__', '__file__', '__doc__', '__class__', '__builtins__', '__annotations__']);
const importErrors = new Set(['ImportError', 'ModuleNotFoundError', 'Exception', 'BaseException']);

/** Walks a script and collects what would surely fail. */
export class ScriptChecker {
  private readonly problems: Problem[] = [];
  private readonly names: ScriptNames;
  private readonly values: StaticValues;
  private readonly starred = new Set<string>();
  private scope: Scope;
  /** Inside a `try` whose handler takes a failed import. */
  private guarded = 0;
  private complete = true;

  constructor(
    private readonly module: Module,
    private readonly modules: readonly ModuleRow[],
    private readonly runtime: Runtime,
  ) {
    this.names = collectScriptNames(module);
    this.values = new StaticValues(module, this.names, runtime);
    this.scope = new Scope('module', collectBindings(module.body), null);
    for (const name of this.names.declaredGlobals) this.scope.bindings.names.add(name);
  }

  /** `complete`: no statement was left out for its syntax, so a name without a definition has none. */
  check(complete: boolean): Problem[] {
    this.complete = complete;
    this.block(this.module.body);
    return this.problems;
  }

  private report(code: Problem['code'], place: Position, message: string, suggestion: string | null = null): void {
    this.problems.push({ code, line: place.line, column: place.column, message, suggestion });
  }

  private block(body: readonly Statement[]): void {
    for (const statement of body) this.statement(statement);
  }

  private statement(node: Statement): void {
    for (const expression of statementExpressions(node)) this.expression(expression);
    switch (node.kind) {
      case 'import':
        for (const one of node.names) this.checkModule(one.name, one);
        return;
      case 'importFrom':
        this.importFrom(node);
        return;
      case 'function':
        if (node.isAsync) this.report('unsupported', node, 'async functions are not supported');
        this.inside(new Scope('function', collectBindings(node.body, node.parameters), this.scope), () =>
          this.block(node.body),
        );
        return;
      case 'class':
        this.inside(new Scope('class', collectBindings(node.body), this.scope), () => this.block(node.body));
        return;
      case 'for':
      case 'with':
        if (node.isAsync) this.report('unsupported', node, `async ${node.kind} is not supported`);
        break;
      case 'try': {
        const catches = node.handlers.some(
          ({ type }) => type === null || namesOf(type).some((name) => importErrors.has(name)),
        );
        if (catches) this.guarded++;
        this.block(node.body);
        if (catches) this.guarded--;
        for (const handler of node.handlers) this.block(handler.body);
        this.block(node.otherwise);
        this.block(node.final);
        return;
      }
      default:
    }
    for (const block of blocks(node)) this.block(block);
  }

  private inside(scope: Scope, visit: () => void): void {
    const previous = this.scope;
    this.scope = scope;
    visit();
    this.scope = previous;
  }

  private checkModule(name: string, place: Position): boolean {
    if (this.runtime.registry.has(name)) return true;
    if (this.guarded === 0) {
      const suggestion = nearest(
        name,
        this.modules.map((row) => row.name),
      );
      this.report('import', place, `Gradstep has no module ${name}`, suggestion);
    }
    return false;
  }

  private importFrom(node: ImportFrom): void {
    if (node.level > 0) {
      this.report('import', node, 'Imports of other files of a package are not supported: a script is one file');
      return;
    }
    if (!this.checkModule(node.module, node)) return;
    const module = this.values.importQuietly(node.module);
    if (module === null) return;
    if (node.names === null) {
      for (const name of module.attributes.keys()) this.starred.add(name);
      return;
    }
    for (const one of node.names) {
      if (this.guarded > 0 || this.values.memberOf(module, one.name) !== undefined) continue;
      const message = `Gradstep has no ${node.module}.${one.name}`;
      this.report('import', one, message, nearest(one.name, module.attributes.keys()));
    }
  }

  private expression(node: Expression): void {
    switch (node.kind) {
      case 'name':
        this.name(node.name, node);
        return;
      case 'attribute':
        this.attribute(node);
        break;
      case 'call':
        this.call(node);
        break;
      case 'await':
        this.report('unsupported', node, 'await is not supported');
        break;
      case 'lambda': {
        for (const { defaultValue } of node.parameters) if (defaultValue !== null) this.expression(defaultValue);
        const scope = new Scope('function', lambdaBindings(node.parameters, node.body), this.scope);
        this.inside(scope, () => this.expression(node.body));
        return;
      }
      case 'comprehension':
        this.comprehension(node);
        return;
      default:
    }
    for (const child of childExpressions(node)) this.expression(child);
  }

  private comprehension(node: Comprehension): void {
    const names = new Set(node.clauses.flatMap((clause) => targetNames(clause.target)));
    this.expression(node.clauses[0]!.iterable);
    const bindings = { names, globals: new Set<string>(), nonlocals: new Set<string>(), yields: false };
    this.inside(new Scope('comprehension', bindings, this.scope), () => {
      node.clauses.forEach((clause, index) => {
        if (index > 0) this.expression(clause.iterable);
        for (const condition of clause.conditions) this.expression(condition);
      });
      this.expression(node.element);
      if (node.value !== null) this.expression(node.value);
    });
  }

  private readonly isLocal = (name: string): boolean => this.scope.resolve(name).where !== 'global';

  private name(name: string, place: Position): void {
    if (!this.complete || this.isLocal(name) || this.names.globalBindings.has(name)) return;
    if (this.scope.bindings.names.has(name) || this.isBoundAtTop(name)) return;
    if (moduleGlobals.has(name) || this.starred.has(name) || this.runtime.hasBuiltin(name)) return;
    const known = [...this.names.globalBindings.keys(), ...this.visibleNames(), ...this.runtime.builtinNames()];
    this.report('name', place, `name '${name}' is not defined`, nearest(name, known));
  }

  private isBoundAtTop(name: string): boolean {
    let top = this.scope;
    while (top.parent !== null) top = top.parent;
    return top.bindings.names.has(name);
  }

  private visibleNames(): string[] {
    const result: string[] = [];
    for (let scope: Scope | null = this.scope; scope !== null; scope = scope.parent)
      result.push(...scope.bindings.names);
    return result;
  }

  private attribute(node: Attribute): void {
    const place = { ...node, line: node.nameLine, column: node.nameColumn };
    const object = this.values.resolve(node.object, this.isLocal);
    if (object instanceof PyModule) {
      if (this.values.memberOf(object, node.name) !== undefined || this.names.attributes.has(node.name)) return;
      const message = `Gradstep has no ${object.name}.${node.name}`;
      this.report('attribute', place, message, nearest(node.name, object.attributes.keys()));
      return;
    }
    if (object instanceof PyClass && object.owner === null) {
      if (this.runtime.findAttribute(object, node.name) !== undefined || this.names.attributes.has(node.name)) return;
      const message = `Gradstep's ${object.name} has no attribute ${node.name}`;
      this.report('attribute', place, message, nearest(node.name, this.runtime.attributeNames(object)));
      return;
    }
    if (object !== undefined || this.isKnownAttribute(node.name)) return;
    const message = `no object here has an attribute '${node.name}'`;
    this.report('attribute', place, message, nearest(node.name, [...this.names.attributes, ...nativeNames]));
  }

  private isKnownAttribute(name: string): boolean {
    if (nativeNames.has(name) || this.names.attributes.has(name)) return true;
    if (dynamicAttributes.includes(name) || generalAttributes.includes(name)) return true;
    if (name.startsWith('__') && name.endsWith('__')) return true;
    if (recurrentParameter.test(name) || this.names.patterns.some((pattern) => pattern.test(name))) return true;
    // An object that came from a star import or a module kept in a variable may be any module.
    return [...this.runtime.modules.values()].some((module) => module.attributes.has(name));
  }

  private call(node: Call): void {
    const { callee } = node;
    if (callee.kind === 'name') {
      const why = Object.hasOwn(refusedBuiltins, callee.name) ? refusedBuiltins[callee.name] : undefined;
      const isOwn =
        this.isLocal(callee.name) || this.names.globalBindings.has(callee.name) || this.starred.has(callee.name);
      if (why !== undefined && !isOwn) {
        this.report('unsupported', callee, `${callee.name}() is not available: ${why}`);
        return;
      }
    }
    const signature = callSignature(this.values.resolve(callee, this.isLocal));
    if (signature === null || signature.keywordsIndex >= 0) return;
    const accepted = signature.parameters
      .filter(({ kind }) => kind === 'normal' || kind === 'keyword')
      .map(({ name }) => name);
    for (const argument of node.args) {
      if (argument.name === null || accepted.includes(argument.name)) continue;
      const label = callee.kind === 'attribute' || callee.kind === 'name' ? callee.name : 'call';
      const message = `${label}() got an unexpected keyword argument '${argument.name}'`;
      this.report('argument', argument, message, nearest(argument.name, accepted));
    }
  }
}

/** The names in an `except` clause's type. */
function namesOf(node: Expression): string[] {
  if (node.kind === 'name') return [node.name];
  return node.kind === 'tuple' ? node.items.flatMap(namesOf) : [];
}
