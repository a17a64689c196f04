import { PythonError } from '../../common/errors';
import { nearest } from '../../common/nearest';
import { typeName } from '../objects/arguments';
import { PyDict } from '../objects/containers';
import type { PyModule } from '../objects/functions';
import type { PyValue } from '../objects/value';
import type { Frame, Globals, RuntimeOptions } from './base';
import { TextLayer } from './text';
import { WarningFilters } from './warningFilters';

/** An entered context manager. */
export interface OpenContext {
  readonly manager: PyValue;
  readonly exit: PyValue;
  readonly entered: PyValue;
}

/** The whole run-time library; compiled code knows it as `R`. */
export class Runtime extends TextLayer {
  readonly warningFilters = new WarningFilters();

  constructor(
    options: RuntimeOptions,
    private readonly builtins: ReadonlyMap<string, PyValue>,
  ) {
    super(options);
    this.globals.set('__name__', '__main__');
    this.globals.set('__file__', options.fileName);
    this.globals.set('__doc__', null);
  }

  global(globals: Globals, name: string): PyValue {
    const found = globals.get(name) ?? this.builtins.get(name);
    if (found !== undefined) return found;
    if (globals.has(name) || this.builtins.has(name)) return null;
    const suggestion = nearest(name, [
      ...globals.keys(),
      ...(this.frame?.locals().keys() ?? []),
      ...this.builtins.keys(),
    ]);
    const hint = suggestion === null ? undefined : `Did you mean: '${suggestion}'?`;
    throw new PythonError('NameError', `name '${name}' is not defined`, { hint });
  }

  hasBuiltin(name: string): boolean {
    return this.builtins.has(name);
  }

  builtinNames(): string[] {
    return [...this.builtins.keys()];
  }

  deleteGlobal(globals: Globals, name: string): void {
    if (!globals.delete(name)) throw new PythonError('NameError', `name '${name}' is not defined`);
  }

  localsDict(frame: Frame): PyDict {
    return new PyDict(frame.locals());
  }

  enterContext(manager: PyValue): OpenContext {
    const enter = this.special(manager, '__enter__');
    const exit = this.special(manager, '__exit__');
    if (enter === undefined || exit === undefined) {
      const missed = enter === undefined ? '' : ' (missed __exit__ method)';
      throw new PythonError(
        'TypeError',
        `'${typeName(manager)}' object does not support the context manager protocol${missed}`,
      );
    }
    return { manager, exit, entered: this.callMember(enter, manager, []) };
  }

  exit({ manager, exit }: OpenContext): void {
    this.callMember(exit, manager, [null, null, null]);
  }

  /** Runs `__exit__` for an error; true when it is swallowed. */
  exitWithError({ manager, exit }: OpenContext, error: unknown, frame: Frame): boolean {
    if (this.isUnwind(error)) throw error;
    const line = frame.line;
    const exception = this.caught(error, frame);
    frame.line = line;
    const previous = this.beginHandling(exception);
    try {
      const { value } = exception;
      if (this.isTrue(this.callMember(exit, manager, [value.pyClass, value, null]))) return true;
    } finally {
      this.endHandling(previous);
    }
    throw exception;
  }

  importModule(name: string): PyModule {
    const known = this.modules.get(name);
    if (known !== undefined) return known;
    const row = this.registry.get(name);
    const dot = name.lastIndexOf('.');
    if (dot > 0) this.importModule(name.slice(0, dot));
    if (row === undefined) {
      const top = name.split('.')[0]!;
      const isChild = dot > 0 && this.registry.has(top);
      const why = isChild ? `; '${name.slice(0, dot)}' is not a package` : '';
      const suggestion = nearest(name, this.registry.keys());
      throw new PythonError(
        'ModuleNotFoundError',
        `No module named '${name}'${isChild && !this.isPackage(top) ? why : ''}`,
        {
          hint: suggestion === null ? 'Gradstep has no such module.' : `Did you mean '${suggestion}'?`,
        },
      );
    }
    // A parent's `build` may import the child, so it is looked up again.
    const made = this.modules.get(name) ?? row.build(this);
    this.modules.set(name, made);
    if (dot > 0) this.modules.get(name.slice(0, dot))?.attributes.set(name.slice(dot + 1), made);
    for (const child of this.registry.keys()) {
      if (child.startsWith(`${name}.`) && !child.slice(name.length + 1).includes('.')) this.importModule(child);
    }
    return made;
  }

  private isPackage(name: string): boolean {
    return [...this.registry.keys()].some((other) => other.startsWith(`${name}.`));
  }

  import_(name: string, leaf: boolean): PyValue {
    const module = this.importModule(name);
    return leaf ? module : this.importModule(name.split('.')[0]!);
  }

  importSource(name: string, level: number): PyModule {
    if (level > 0) {
      throw new PythonError('ImportError', 'attempted relative import with no known parent package');
    }
    return this.importModule(name);
  }

  importFrom(module: PyModule, name: string): PyValue {
    const found = this.findAttribute(module, name);
    if (found !== undefined) return found;
    if (this.registry.has(`${module.name}.${name}`)) return this.importModule(`${module.name}.${name}`);
    const suggestion = nearest(name, module.attributes.keys());
    throw new PythonError('ImportError', `cannot import name '${name}' from '${module.name}' (unknown location)`, {
      hint: suggestion === null ? undefined : `Did you mean: '${suggestion}'?`,
    });
  }

  importAll(globals: Globals, name: string, level: number): void {
    const module = this.importSource(name, level);
    const listed = module.attributes.get('__all__');
    const names =
      listed === undefined
        ? [...module.attributes.keys()].filter((key) => !key.startsWith('_'))
        : this.list(listed).map(String);
    for (const key of names) globals.set(key, this.getAttribute(module, key));
  }

  warn(message: string, category = 'UserWarning'): void {
    const line = this.currentLine();
    const verdict = this.warningFilters.verdict(message, category, line);
    if (verdict === 'error') this.raise(category, message);
    if (verdict === 'show') this.host.warn(category, message, line);
  }
}
