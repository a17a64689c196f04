import { GradstepError } from '../../common/errors';
import type { Argument, Call, Comparison, Comprehension, Expression, FormatPart, ParameterNode } from '../syntax/ast';
import type { Scope } from './scope';
import { isPureExpression } from './purity';
import { lambdaBindings, Scope as ScopeClass, targetNames } from './scope';

const binaryNames: Record<string, string> = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' };
const comparisonNames: Record<string, string> = {
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
};

/** A JavaScript string literal. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** A JavaScript function that sets one of the variables and tells whether there is such a one. */
function assignment(names: readonly string[]): string {
  const cases = names.map((name) => `case ${quote(name)}:v_${name}=x;return true;`);
  return `(n,x)=>{switch(n){${cases.join('')}}return false;}`;
}

/**
 * Writes Python expressions as JavaScript. The text refers to `R` (the run-time library), `G` (the globals),
 * `F` (the frame) and variables `v_NAME`.
 */
export class ExpressionWriter {
  protected counter = 0;
  protected scope: Scope;
  /** The names of the classes around, innermost last, for `__private` names and `super()`. */
  protected readonly classes: { name: string; cell: string }[] = [];
  protected firstParameter: string | null = null;

  /** @param assignable frames get a way to set their local variables from outside */
  constructor(
    scope: Scope,
    private readonly assignable: boolean,
  ) {
    this.scope = scope;
  }

  protected fresh(prefix: string): string {
    return `${prefix}${++this.counter}`;
  }

  /** A variable of the function being written. */
  protected temporary(): string {
    const name = this.fresh('t');
    this.scope.temporaries.push(name);
    return name;
  }

  protected mangle(name: string): string {
    const owner = this.classes[this.classes.length - 1];
    if (owner === undefined || !name.startsWith('__') || name.endsWith('__') || name.includes('.')) return name;
    return `_${owner.name.replace(/^_+/, '')}${name}`;
  }

  protected readName(name: string): string {
    const plain = this.mangle(name);
    const { where, scope } = this.scope.resolve(name);
    switch (where) {
      case 'local':
      case 'outer':
        if (scope.certain.has(name)) return `v_${name}`;
        return `(v_${name}!==undefined?v_${name}:R.unbound(${quote(plain)},${where === 'outer'}))`;
      case 'class': {
        const { namespace } = scope;
        const around = new ScopeClass('comprehension', { ...scope.bindings, names: new Set() }, scope.parent);
        const previous = this.scope;
        this.scope = around;
        const outside = this.readName(name);
        this.scope = previous;
        return `(${namespace}.has(${quote(plain)})?${namespace}.get(${quote(plain)}):${outside})`;
      }
      default:
        if (plain === '__class__' && this.classes.length > 0) return this.classes[this.classes.length - 1]!.cell;
        return `R.global(G,${quote(plain)})`;
    }
  }

  /** A statement-expression that binds a name. */
  protected writeName(name: string, value: string): string {
    const plain = this.mangle(name);
    const { where, scope } = this.scope.resolve(name);
    if (where === 'local' || where === 'outer') return `v_${name}=${value}`;
    if (where === 'class') return `${scope.namespace}.set(${quote(plain)},${value})`;
    return `G.set(${quote(plain)},${value})`;
  }

  expression(node: Expression): string {
    switch (node.kind) {
      case 'constant':
        return this.constant(node.value);
      case 'ellipsis':
        return 'R.ellipsis';
      case 'name':
        return this.readName(node.name);
      case 'attribute':
        return `R.attribute(${this.expression(node.object)},${quote(this.mangle(node.name))})`;
      case 'subscript':
        return `R.item(${this.expression(node.object)},${this.expression(node.index)})`;
      case 'slice': {
        const bound = (part: Expression | null): string => (part === null ? 'null' : this.expression(part));
        return `R.slice(${bound(node.start)},${bound(node.stop)},${bound(node.step)})`;
      }
      case 'call':
        return this.call(node);
      case 'unary':
        if (node.operator === 'not') return `!${this.truth(node.operand)}`;
        return `R.unary(${quote(node.operator)},${this.expression(node.operand)})`;
      case 'binary': {
        const left = this.expression(node.left);
        const right = this.expression(node.right);
        const name = binaryNames[node.operator];
        return name === undefined
          ? `R.binary(${quote(node.operator)},${left},${right})`
          : `R.${name}(${left},${right})`;
      }
      case 'comparison':
        return this.comparison(node);
      case 'logical': {
        const kept = this.temporary();
        const test = `R.isTrue(${kept}=${this.expression(node.left)})`;
        const right = this.expression(node.right);
        return node.operator === 'and' ? `(${test}?${right}:${kept})` : `(${test}?${kept}:${right})`;
      }
      case 'conditional':
        return `(${this.truth(node.test)}?${this.expression(node.then)}:${this.expression(node.otherwise)})`;
      case 'lambda':
        return this.lambda(node.parameters, node.body, node.line);
      case 'tuple':
        return `R.tuple(${this.itemArray(node.items)})`;
      case 'list':
        return `R.list_(${this.itemArray(node.items)})`;
      case 'set':
        return `R.set_(${this.itemArray(node.items)})`;
      case 'dict': {
        const entries = node.entries.map(({ key, value }) =>
          key === null ? `R.spread(${this.expression(value)})` : `[${this.expression(key)},${this.expression(value)}]`,
        );
        return `R.dict_([${entries.join(',')}])`;
      }
      case 'comprehension':
        return this.comprehension(node);
      case 'named': {
        const kept = this.temporary();
        const holder = this.scope.holder();
        const previous = this.scope;
        const value = this.expression(node.value);
        this.scope = holder === previous ? previous : holder;
        const write = this.writeName(node.name, kept);
        this.scope = previous;
        return `(${kept}=${value},${write},${kept})`;
      }
      case 'yield':
        if (node.from) return `(yield* R.delegate(F,${this.expression(node.value!)}))`;
        return `(yield ${node.value === null ? 'null' : this.expression(node.value)})`;
      case 'format':
        return this.formatParts(node.parts);
      case 'starred':
        throw new GradstepError("can't use starred expression here", { code: 'python.SyntaxError', line: node.line });
      case 'await':
        throw new GradstepError('await is not supported', { code: 'script.async', line: node.line });
    }
  }

  protected constant(value: null | boolean | bigint | number | string | Uint8Array): string {
    if (value instanceof Uint8Array) return `R.bytes([${value.join(',')}])`;
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'string') return quote(value);
    return typeof value === 'number' && value === Infinity ? 'Infinity' : String(value);
  }

  /** A JavaScript boolean. */
  protected truth(node: Expression): string {
    const text = this.expression(node);
    return node.kind === 'unary' && node.operator === 'not' ? text : `R.isTrue(${text})`;
  }

  protected itemArray(items: readonly Expression[]): string {
    return `[${items
      .map((item) => (item.kind === 'starred' ? `...R.list(${this.expression(item.value)})` : this.expression(item)))
      .join(',')}]`;
  }

  private comparison(node: Comparison): string {
    const one = (operator: string, left: string, right: string): string => {
      const name = comparisonNames[operator];
      return name === undefined ? `R.compare(${quote(operator)},${left},${right})` : `R.${name}(${left},${right})`;
    };
    if (node.rights.length === 1) {
      return one(node.operators[0]!, this.expression(node.left), this.expression(node.rights[0]!));
    }
    const result = this.temporary();
    let left = this.expression(node.left);
    let text = '';
    node.rights.forEach((right, index) => {
      const operator = node.operators[index]!;
      if (index === node.rights.length - 1) {
        text += one(operator, left, this.expression(right));
        return;
      }
      const middle = this.temporary();
      text += `!R.isTrue(${result}=${one(operator, left, `${middle}=${this.expression(right)}`)})?${result}:`;
      left = middle;
    });
    return `(${text})`;
  }

  protected call(node: Call): string {
    if (node.callee.kind === 'name' && this.isGlobalName(node.callee.name)) {
      const { name } = node.callee;
      const owner = this.classes[this.classes.length - 1];
      if (name === 'super' && node.args.length === 0 && owner !== undefined && this.firstParameter !== null) {
        return `R.superOf(${owner.cell},v_${this.firstParameter})`;
      }
      if (name === 'locals' && node.args.length === 0) return 'R.localsDict(F)';
    }
    const plain = node.args.every(({ form }) => form === 'plain' || form === 'star');
    const args = `[${node.args
      .filter(({ form }) => form === 'plain' || form === 'star')
      .map(({ form, value }) =>
        form === 'star' ? `...R.starArguments(${this.expression(value)})` : this.expression(value),
      )
      .join(',')}]`;
    const keywords = plain ? 'null' : this.keywords(node.args);
    if (node.callee.kind === 'attribute') {
      const { object, name, nameLine } = node.callee;
      return `R.callMethodAt(F,${nameLine},${this.expression(object)},${quote(this.mangle(name))},${args},${keywords})`;
    }
    return `R.callAt(F,${node.line},${this.expression(node.callee)},${args},${keywords})`;
  }

  private isGlobalName(name: string): boolean {
    return this.scope.resolve(name).where === 'global';
  }

  protected keywords(args: readonly Argument[]): string {
    const parts = args.filter(({ form }) => form === 'keyword' || form === 'doubleStar');
    if (parts.every(({ form }) => form === 'keyword')) {
      return `new Map([${parts.map(({ name, value }) => `[${quote(name!)},${this.expression(value)}]`).join(',')}])`;
    }
    const written = parts.map(({ name, value }) =>
      name === null ? this.expression(value) : `[${quote(name)},${this.expression(value)}]`,
    );
    return `R.keywords([${written.join(',')}])`;
  }

  protected parameterList(parameters: readonly ParameterNode[]): string {
    return `[${parameters
      .map(({ name, form, defaultValue }) => {
        const value = defaultValue === null ? 'undefined' : this.expression(defaultValue);
        return `{name:${quote(this.mangle(name))},kind:${quote(form)},defaultValue:${value}}`;
      })
      .join(',')}]`;
  }

  private lambda(parameters: readonly ParameterNode[], body: Expression, line: number): string {
    const list = this.parameterList(parameters);
    const bindings = lambdaBindings(parameters, body);
    const name = `${this.scope.qualifiedName === '' ? '' : `${this.scope.qualifiedName}.<locals>.`}<lambda>`;
    const inner = new ScopeClass('function', bindings, this.scope, null, name);
    for (const { name: parameter } of parameters) inner.certain.add(parameter);
    const previous = this.scope;
    const previousFirst = this.firstParameter;
    this.scope = inner;
    this.firstParameter = null;
    const value = this.expression(body);
    this.scope = previous;
    this.firstParameter = previousFirst;
    const names = parameters.map((parameter) => parameter.name);
    const code = bindings.yields ? `yield null;return ${value};` : `F.line=${line};return ${value};`;
    return `R.function_("<lambda>",${quote(name)},${list},${line},null,${isPureExpression(body)},${this.functionText(names, inner, code, bindings.yields, '<lambda>', line)})`;
  }

  /** The JavaScript function that takes a call's bound arguments: frame, variables, body. */
  protected functionText(
    parameters: readonly string[],
    scope: Scope,
    body: string,
    yields: boolean,
    name: string,
    line: number,
  ): string {
    const locals = [...scope.bindings.names].filter((local) => !parameters.includes(local));
    const declared = [
      ...parameters.map((parameter, index) => `v_${parameter}=a[${index}]`),
      ...locals.map((local) => `v_${local}`),
      ...scope.temporaries,
    ];
    const variables = declared.length === 0 ? '' : `let ${declared.join(',')};`;
    const view = `()=>({${[...scope.bindings.names].map((local) => `${quote(local)}:v_${local}`).join(',')}})`;
    const assign = this.assignable ? `,${assignment([...scope.bindings.names])}` : '';
    if (yields) {
      return `(a)=>{${variables}return R.generator(G,${quote(name)},${line},${view},function*(F){${body}}${assign});}`;
    }
    return `(a)=>{${variables}const F=R.enter(G,${quote(name)},${line},${view}${assign});try{${body}}catch(e){throw R.unwinding(e,F);}finally{R.leave(F);}}`;
  }

  private comprehension(node: Comprehension): string {
    const bindings = {
      names: new Set<string>(),
      globals: new Set<string>(),
      nonlocals: new Set<string>(),
      yields: false,
    };
    for (const clause of node.clauses) for (const name of targetNames(clause.target)) bindings.names.add(name);
    const first = `R.iterate(${this.expression(node.clauses[0]!.iterable)})`;
    const previous = this.scope;
    const inner = new ScopeClass('comprehension', bindings, previous, null, previous.qualifiedName);
    this.scope = inner;
    const element = this.expression(node.element);
    let body: string;
    if (node.form === 'dict') body = `o.set(${element},${this.expression(node.value!)});`;
    else if (node.form === 'generator') body = `yield ${element};`;
    else body = node.form === 'list' ? `o.push(${element});` : `o.add(${element});`;
    for (let i = node.clauses.length - 1; i >= 0; i--) {
      const clause = node.clauses[i]!;
      const iterator = this.fresh('i');
      const step = this.fresh('n');
      for (const condition of [...clause.conditions].reverse()) body = `if(${this.truth(condition)}){${body}}`;
      const assign = this.assign(clause.target, `${step}.value`);
      const source = i === 0 ? 's' : `R.iterate(${this.expression(clause.iterable)})`;
      body = `const ${iterator}=${source};for(;;){const ${step}=${iterator}.next();if(${step}.done)break;R.tick();${assign}${body}}`;
    }
    this.scope = previous;
    const declared = [...[...bindings.names].map((name) => `v_${name}`), ...inner.temporaries];
    const variables = declared.length === 0 ? '' : `let ${declared.join(',')};`;
    if (node.form === 'generator') {
      const view = `()=>({${[...bindings.names].map((name) => `${quote(name)}:v_${name}`).join(',')}})`;
      return `((s)=>{${variables}return R.generator(G,"<genexpr>",${node.line},${view},function*(F){${body}});})(${first})`;
    }
    const made = { list: '[]', set: 'R.set_([])', dict: 'R.dict_([])' }[node.form];
    const result = node.form === 'list' ? 'R.list_(o)' : 'o';
    return `((s)=>{${variables}const o=${made};${body}return ${result};})(${first})`;
  }

  private formatParts(parts: readonly FormatPart[]): string {
    const written = parts.map((part) => {
      if ('text' in part) return quote(part.text);
      const value = this.expression(part.value);
      const specification = part.specification === null ? '""' : this.formatParts(part.specification);
      return `R.formatted(${value},${part.conversion === null ? 'null' : quote(part.conversion)},${specification})`;
    });
    return written.length === 0 ? '""' : `(""+${written.join('+')})`;
  }

  /** Statements that assign a JavaScript expression to a target. */
  protected assign(target: Expression, value: string): string {
    switch (target.kind) {
      case 'name':
        return `${this.writeName(target.name, value)};`;
      case 'attribute':
        return `R.setAttribute(${this.expression(target.object)},${quote(this.mangle(target.name))},${value});`;
      case 'subscript':
        return `R.setItem(${this.expression(target.object)},${this.expression(target.index)},${value});`;
      case 'starred':
        return this.assign(target.value, value);
      case 'tuple':
      case 'list': {
        const parts = this.fresh('u');
        const star = target.items.findIndex((item) => item.kind === 'starred');
        const each = target.items.map((item, index) => this.assign(item, `${parts}[${index}]`)).join('');
        return `const ${parts}=R.unpack(${value},${target.items.length},${star});${each}`;
      }
      default:
        throw new GradstepError('cannot assign to expression', { code: 'python.SyntaxError', line: target.line });
    }
  }
}
