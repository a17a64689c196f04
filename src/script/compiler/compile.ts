import { PythonError } from '../../common/errors';
import type {
  ClassDefinition,
  For,
  FunctionDefinition,
  Match,
  Module,
  Pattern,
  Statement,
  Try,
  While,
  With,
} from '../syntax/ast';
import { ExpressionWriter, quote } from './expressionWriter';
import { isPureBody } from './purity';
import { collectBindings, moduleScope, Scope } from './scope';

interface Loop {
  label: string;
  /** The variable that tells whether the loop ended without `break`; only where there is an `else`. */
  completed: string | null;
}

/** Writes Python statements as JavaScript. */
class StatementWriter extends ExpressionWriter {
  private loops: Loop[] = [];

  /** @param watched before each statement the run-time's watcher is told: a debugger rests there */
  constructor(
    scope: Scope,
    private readonly watched: boolean,
  ) {
    super(scope, watched);
  }

  module(module: Module): string {
    const body = this.block(module.body);
    const { temporaries } = this.scope;
    return `"use strict";${temporaries.length === 0 ? '' : `let ${temporaries.join(',')};`}${body}`;
  }

  private block(statements: readonly Statement[]): string {
    return statements.map((statement) => this.statement(statement)).join('\n');
  }

  private statement(node: Statement): string {
    const line = this.arrival(node.line);
    switch (node.kind) {
      case 'expression':
        if (node.value.kind === 'constant') return '';
        return `${line}${this.expression(node.value)};`;
      case 'assign': {
        if (node.targets.length === 1 && node.targets[0]!.kind !== 'tuple' && node.targets[0]!.kind !== 'list') {
          const target = node.targets[0]!;
          if (target.kind === 'name') return line + this.assign(target, this.expression(node.value));
        }
        const value = this.fresh('w');
        const targets = node.targets.map((target) => this.assign(target, value)).join('');
        return `{${line}const ${value}=${this.expression(node.value)};${targets}}`;
      }
      case 'annotated': {
        if (node.value === null) {
          return this.scope.kind === 'class' && node.target.kind === 'name' ? this.annotation(node.target.name) : '';
        }
        const value = this.fresh('w');
        const annotation =
          this.scope.kind === 'class' && node.target.kind === 'name' ? this.annotation(node.target.name) : '';
        return `{${line}${annotation}const ${value}=${this.expression(node.value)};${this.assign(node.target, value)}}`;
      }
      case 'augmented':
        return line + this.augmented(node);
      case 'delete':
        return line + node.targets.map((target) => this.deletion(target)).join('');
      case 'pass':
        return this.watched ? line : '';
      case 'break': {
        const loop = this.loops[this.loops.length - 1];
        if (loop === undefined) throw new PythonError('SyntaxError', "'break' outside loop", node);
        const leave = `${loop.completed === null ? '' : `${loop.completed}=false;`}break ${loop.label};`;
        return this.watched ? line + leave : leave;
      }
      case 'continue': {
        const loop = this.loops[this.loops.length - 1];
        if (loop === undefined) throw new PythonError('SyntaxError', "'continue' not properly in loop", node);
        return `${this.watched ? line : ''}continue ${loop.label};`;
      }
      case 'return': {
        if (this.scope.kind !== 'function') throw new PythonError('SyntaxError', "'return' outside function", node);
        return `${line}return ${node.value === null ? 'null' : this.expression(node.value)};`;
      }
      case 'raise': {
        if (node.value === null) return `${line}throw R.reraise();`;
        const cause = node.cause === null ? 'undefined' : this.expression(node.cause);
        return `${line}throw R.raised(${this.expression(node.value)},${cause});`;
      }
      case 'import':
        return (
          line +
          node.names
            .map(({ name, alias }) => {
              const value = `R.import_(${quote(name)},${alias !== null})`;
              return `${this.writeName(alias ?? name.split('.')[0]!, value)};`;
            })
            .join('')
        );
      case 'importFrom': {
        if (node.names === null) return `${line}R.importAll(G,${quote(node.module)},${node.level});`;
        const module = this.fresh('m');
        const names = node.names
          .map(({ name, alias }) => `${this.writeName(alias ?? name, `R.importFrom(${module},${quote(name)})`)};`)
          .join('');
        return `{${line}const ${module}=R.importSource(${quote(node.module)},${node.level});${names}}`;
      }
      case 'global':
      case 'nonlocal':
        return '';
      case 'assert': {
        const message = node.message === null ? 'undefined' : this.expression(node.message);
        return `${line}if(!${this.truth(node.test)})throw R.assertion(${message});`;
      }
      case 'if': {
        const otherwise = node.otherwise.length === 0 ? '' : `else{${this.block(node.otherwise)}}`;
        return `${line}if(${this.truth(node.test)}){${this.block(node.body)}}${otherwise}`;
      }
      case 'while':
        return this.whileLoop(node);
      case 'for':
        return this.forLoop(node);
      case 'try':
        return this.tryStatement(node);
      case 'with':
        return this.withStatement(node);
      case 'function':
        return line + this.functionDefinition(node);
      case 'class':
        return line + this.classDefinition(node);
      case 'match':
        return this.match(node);
    }
  }

  private arrival(line: number): string {
    return this.watched ? `F.line=${line};R.watch(F);` : `F.line=${line};`;
  }

  private annotation(name: string): string {
    return `R.annotate(${this.scope.namespace},${quote(this.mangle(name))});`;
  }

  private augmented(node: Extract<Statement, { kind: 'augmented' }>): string {
    const { target } = node;
    const operator = quote(node.operator);
    const value = (): string => this.expression(node.value);
    if (target.kind === 'name') {
      return `${this.writeName(target.name, `R.inPlace(${operator},${this.readName(target.name)},${value()})`)};`;
    }
    const object = this.fresh('w');
    if (target.kind === 'attribute') {
      const name = quote(this.mangle(target.name));
      const sum = `R.inPlace(${operator},R.attribute(${object},${name}),${value()})`;
      return `{const ${object}=${this.expression(target.object)};R.setAttribute(${object},${name},${sum});}`;
    }
    if (target.kind !== 'subscript')
      throw new PythonError('SyntaxError', 'illegal target for augmented assignment', node);
    const key = this.fresh('w');
    const sum = `R.inPlace(${operator},R.item(${object},${key}),${value()})`;
    return `{const ${object}=${this.expression(target.object)},${key}=${this.expression(target.index)};R.setItem(${object},${key},${sum});}`;
  }

  private deletion(target: Extract<Statement, { kind: 'delete' }>['targets'][number]): string {
    if (target.kind === 'name') {
      const plain = this.mangle(target.name);
      const { where, scope } = this.scope.resolve(target.name);
      if (where === 'local' || where === 'outer') return `${this.readName(target.name)};v_${target.name}=undefined;`;
      if (where === 'class') return `${scope.namespace}.delete(${quote(plain)});`;
      return `R.deleteGlobal(G,${quote(plain)});`;
    }
    if (target.kind === 'attribute') {
      return `R.deleteAttribute(${this.expression(target.object)},${quote(this.mangle(target.name))});`;
    }
    if (target.kind === 'subscript') {
      return `R.deleteItem(${this.expression(target.object)},${this.expression(target.index)});`;
    }
    throw new PythonError('SyntaxError', 'cannot delete expression', target);
  }

  private inLoop(hasElse: boolean, write: (label: string) => string, otherwise: readonly Statement[]): string {
    const label = this.fresh('L');
    const completed = hasElse ? this.fresh('b') : null;
    this.loops.push({ label, completed });
    const text = write(label);
    this.loops.pop();
    if (completed === null) return text;
    return `let ${completed}=true;${text}if(${completed}){${this.block(otherwise)}}`;
  }

  private whileLoop(node: While): string {
    const write = (label: string): string =>
      `${label}:while(F.line=${node.line},${this.watched ? 'R.watch(F),' : ''}${this.truth(node.test)}){R.tick();${this.block(node.body)}}`;
    return this.inLoop(node.otherwise.length > 0, write, node.otherwise);
  }

  private forLoop(node: For): string {
    const iterator = this.fresh('i');
    const step = this.fresh('n');
    // The statement is reached once before its iterable is evaluated, and again before each later turn.
    const first = this.watched ? this.fresh('f') : null;
    const again = first === null ? '' : `if(${first})${first}=false;else R.watch(F);`;
    const write = (label: string): string => {
      const next = `F.line=${node.line};${again}const ${step}=${iterator}.next();if(${step}.done)break;R.tick();`;
      const begin = `${this.arrival(node.line)}${first === null ? '' : `let ${first}=true;`}`;
      return `${begin}const ${iterator}=R.iterate(${this.expression(node.iterable)});${label}:for(;;){${next}${this.assign(node.target, `${step}.value`)}${this.block(node.body)}}`;
    };
    return `{${this.inLoop(node.otherwise.length > 0, write, node.otherwise)}}`;
  }

  private tryStatement(node: Try): string {
    let text = this.block(node.body);
    if (node.handlers.length > 0) {
      const done = this.fresh('d');
      if (this.watched) {
        const guards = this.fresh('g');
        text = `const ${guards}=R.guards++;try{${text}}finally{R.guards=${guards};}`;
      }
      text = `let ${done}=false;try{${text}\n${done}=true;}catch(e){${this.handlers(node)}}`;
      if (node.otherwise.length > 0) text += `if(${done}){${this.block(node.otherwise)}}`;
    } else text = `{${text}${this.block(node.otherwise)}}`;
    if (node.final.length > 0) {
      const unwinding = this.fresh('z');
      const mark = `catch(e){if(R.isUnwind(e))${unwinding}=true;throw e;}`;
      text = `let ${unwinding}=false;try{${text}}${mark}finally{if(!${unwinding}){${this.block(node.final)}}}`;
    }
    return `{${text}}`;
  }

  private handlers(node: Try): string {
    const caught = this.fresh('x');
    let text = '';
    for (const { type, name, body } of node.handlers) {
      const test = type === null ? 'true' : `R.matches(${caught},${this.expression(type)})`;
      const bind = name === null ? '' : `${this.writeName(name, `${caught}.value`)};`;
      const forget = name === null ? '' : `${this.forget(name)}`;
      const previous = this.fresh('h');
      text += `if(${test}){const ${previous}=R.beginHandling(${caught});try{${bind}${this.block(body)}}finally{R.endHandling(${previous});${forget}}}else `;
    }
    return `const ${caught}=R.caught(e,F);${text}{throw ${caught};}`;
  }

  private forget(name: string): string {
    const plain = this.mangle(name);
    const { where, scope } = this.scope.resolve(name);
    if (where === 'local' || where === 'outer') return `v_${name}=undefined;`;
    return where === 'class' ? `${scope.namespace}.delete(${quote(plain)});` : `G.delete(${quote(plain)});`;
  }

  private withStatement(node: With): string {
    let text = this.block(node.body);
    for (const { context, target } of [...node.items].reverse()) {
      const manager = this.fresh('c');
      const open = this.fresh('k');
      const bind = target === null ? '' : this.assign(target, `${manager}.entered`);
      const exit = `catch(e){${open}=false;F.line=${context.line};if(!R.exitWithError(${manager},e,F))throw e;}`;
      const leave = `finally{if(${open}){F.line=${context.line};R.exit(${manager});}}`;
      const arrival = context === node.items[0]?.context ? this.arrival(node.line) : '';
      text = `{${arrival}F.line=${context.line};const ${manager}=R.enterContext(${this.expression(context)});let ${open}=true;try{${bind}${text}}${exit}${leave}}`;
    }
    return text;
  }

  private decorated(name: string, value: string, node: FunctionDefinition | ClassDefinition): string {
    const names = node.decorators.map(() => this.fresh('w'));
    const before = node.decorators.map((decorator, index) => `const ${names[index]}=${this.expression(decorator)};`);
    let result = value;
    for (let i = node.decorators.length - 1; i >= 0; i--) {
      result = `R.callAt(F,${node.decorators[i]!.line},${names[i]},[${result}],null)`;
    }
    return `{${before.join('')}${this.writeName(name, result)};}`;
  }

  private qualified(name: string): string {
    const { kind, qualifiedName } = this.scope;
    if (qualifiedName === '') return name;
    return kind === 'class' ? `${qualifiedName}.${name}` : `${qualifiedName}.<locals>.${name}`;
  }

  private functionDefinition(node: FunctionDefinition): string {
    if (node.isAsync) throw new PythonError('SyntaxError', 'async functions are not supported', node);
    const parameters = this.parameterList(node.parameters);
    const qualifiedName = this.qualified(node.name);
    const names = node.parameters.map(({ name }) => name);
    const bindings = collectBindings(node.body, node.parameters);
    const inner = new Scope('function', bindings, this.scope, null, qualifiedName);
    const deleted = new Set(deletedNames(node.body));
    for (const name of names) if (!deleted.has(name)) inner.certain.add(name);
    const outer = { scope: this.scope, loops: this.loops, first: this.firstParameter };
    this.scope = inner;
    this.loops = [];
    const first = node.parameters[0];
    this.firstParameter =
      first !== undefined && (first.form === 'normal' || first.form === 'positional') ? names[0]! : null;
    const body = `${this.block(node.body)}\nreturn null;`;
    this.scope = outer.scope;
    this.loops = outer.loops;
    this.firstParameter = outer.first;
    const code = this.functionText(names, inner, body, bindings.yields, node.name, node.line);
    const value = `R.function_(${quote(node.name)},${quote(qualifiedName)},${parameters},${node.line},${documentation(node.body)},${isPureBody(node.body)},${code})`;
    return this.decorated(node.name, value, node);
  }

  private classDefinition(node: ClassDefinition): string {
    const namespace = this.fresh('C');
    const cell = this.fresh('K');
    const qualifiedName = this.qualified(node.name);
    const bases = `[${node.args
      .filter(({ form }) => form === 'plain' || form === 'star')
      .map(({ form, value }) => (form === 'star' ? `...R.list(${this.expression(value)})` : this.expression(value)))
      .join(',')}]`;
    const keywords = this.keywords(node.args);
    const outer = { scope: this.scope, loops: this.loops, first: this.firstParameter };
    const scope = new Scope('class', collectBindings(node.body), this.scope, namespace, qualifiedName);
    this.scope = scope;
    this.loops = [];
    this.firstParameter = null;
    this.classes.push({ name: node.name, cell });
    const body = this.block(node.body);
    this.classes.pop();
    this.scope = outer.scope;
    this.loops = outer.loops;
    this.firstParameter = outer.first;
    outer.scope.temporaries.push(...scope.temporaries, cell);
    const made = `${cell}=R.class_(G,${quote(node.name)},${quote(qualifiedName)},${bases},${keywords},${namespace},${documentation(node.body)})`;
    return `{const ${namespace}=new Map();${body}\n${this.decorated(node.name, made, node)}}`;
  }

  private match(node: Match): string {
    const subject = this.fresh('w');
    const label = this.fresh('L');
    const cases = node.cases.map(({ pattern, guard, body, line }) => {
      const test = this.pattern(pattern, subject);
      const condition = guard === null ? test : `${test}&&${this.truth(guard)}`;
      return `F.line=${line};if(${condition}){${this.block(body)}\nbreak ${label};}`;
    });
    return `${label}:{${this.arrival(node.line)}const ${subject}=${this.expression(node.subject)};${cases.join('\n')}}`;
  }

  /** A JavaScript condition; names are bound as it goes. */
  private pattern(pattern: Pattern, subject: string): string {
    const bind = (name: string | null, value: string): string =>
      name === null ? 'true' : `(${this.writeName(name, value)},true)`;
    switch (pattern.kind) {
      case 'capture':
      case 'star':
        return bind(pattern.name, subject);
      case 'value': {
        const { value } = pattern;
        const single = value.kind === 'constant' && (value.value === null || typeof value.value === 'boolean');
        if (single) return `${subject}===${this.expression(value)}`;
        return `R.isTrue(R.eq(${subject},${this.expression(value)}))`;
      }
      case 'as':
        return `(${this.pattern(pattern.pattern, subject)}&&${bind(pattern.name, subject)})`;
      case 'or':
        return `(${pattern.options.map((option) => this.pattern(option, subject)).join('||')})`;
      case 'sequence': {
        const parts = this.temporary();
        const star = pattern.items.findIndex((item) => item.kind === 'star');
        const tests = pattern.items.map((item, index) => this.pattern(item, `${parts}[${index}]`));
        return `((${parts}=R.matchSequence(${subject},${pattern.items.length},${star}))!==null${tests.map((test) => `&&${test}`).join('')})`;
      }
      case 'mapping': {
        const parts = this.temporary();
        const keys = pattern.entries.map((entry) => this.expression(entry.key)).join(',');
        const tests = pattern.entries.map((entry, index) => this.pattern(entry.pattern, `${parts}[${index}]`));
        if (pattern.rest !== null) tests.push(bind(pattern.rest, `${parts}[${pattern.entries.length}]`));
        return `((${parts}=R.matchMapping(${subject},[${keys}]))!==null${tests.map((test) => `&&${test}`).join('')})`;
      }
      case 'class': {
        const parts = this.temporary();
        const names = pattern.keywords.map((entry) => quote(entry.name)).join(',');
        const inner = [...pattern.positional, ...pattern.keywords.map((entry) => entry.pattern)];
        const tests = inner.map((item, index) => this.pattern(item, `${parts}[${index}]`));
        return `((${parts}=R.matchClass(${subject},${this.expression(pattern.type)},${pattern.positional.length},[${names}]))!==null${tests.map((test) => `&&${test}`).join('')})`;
      }
    }
  }
}

function documentation(body: readonly Statement[]): string {
  const first = body[0];
  const isText =
    first?.kind === 'expression' && first.value.kind === 'constant' && typeof first.value.value === 'string';
  return isText && first.value.kind === 'constant' ? quote(first.value.value as string) : 'null';
}

function deletedNames(body: readonly Statement[]): string[] {
  return body.flatMap((statement) => {
    if (statement.kind === 'delete')
      return statement.targets.flatMap((target) => (target.kind === 'name' ? [target.name] : []));
    if (statement.kind === 'try') {
      const named = statement.handlers.flatMap(({ name }) => (name === null ? [] : [name]));
      return [
        ...named,
        ...[
          statement.body,
          ...statement.handlers.map((handler) => handler.body),
          statement.otherwise,
          statement.final,
        ].flatMap(deletedNames),
      ];
    }
    if (statement.kind === 'if' || statement.kind === 'while' || statement.kind === 'for') {
      return [...deletedNames(statement.body), ...deletedNames(statement.otherwise)];
    }
    return statement.kind === 'with' ? deletedNames(statement.body) : [];
  });
}

/**
 * The JavaScript body of a function of `R`, `G` and `F` that runs the module.
 * @param watched whether the run-time's watcher is told before each statement
 */
export function compileModule(module: Module, watched: boolean): string {
  return new StatementWriter(moduleScope(module), watched).module(module);
}
