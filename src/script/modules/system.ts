import { PyDict, PyList, PyTuple } from '../objects/containers';
import { exceptionClass, makeException, PyException } from '../objects/exceptions';
import { PyModule } from '../objects/functions';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
import { nativeClass, nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';
import { PyInstance } from '../objects/value';
import { PythonError } from '../../common/errors';
import { functionsOf, plainModule } from './moduleOf';

function stream(interpreter: Interpreter, name: 'stdout' | 'stderr'): PyInstance {
  const made = new PyInstance(
    nativeClass<PyInstance>({
      name: 'TextIOWrapper',
      module: '_io',
      methods: {
        write: [
          'text, /',
          (_self, args) => {
            interpreter.host.print(args.string('text'), name);
            return BigInt(args.string('text').length);
          },
        ],
        flush: ['', () => null],
        isatty: ['', () => false],
      },
    }),
  );
  made.native = name;
  return made;
}

export const sysModule: ModuleRow = {
  name: 'sys',
  build: (interpreter) =>
    new PyModule('sys', {
      argv: new PyList([interpreter.fileName]),
      path: new PyList(),
      modules: new PyDict(),
      platform: 'linux',
      executable: '',
      maxsize: 9223372036854775807n,
      byteorder: 'little',
      version: '3.11.7 (Gradstep)',
      version_info: new PyTuple([3n, 11n, 7n, 'final', 0n]),
      float_info: floatInfo(),
      stdout: stream(interpreter, 'stdout'),
      stderr: stream(interpreter, 'stderr'),
      ...functionsOf({
        exit: [
          'status=None, /',
          (args) => {
            throw new PyException(
              makeException(exceptionClass('SystemExit'), args.isNone('status') ? [] : [args.value('status')]),
            );
          },
        ],
        getsizeof: ['object, default=None', () => 64n],
        getrecursionlimit: ['', () => 1000n],
        setrecursionlimit: ['limit, /', () => null],
        exc_info: ['', () => new PyTuple([null, null, null])],
      }),
    }),
};

function floatInfo(): PyInstance {
  const info = new PyInstance(nativeClass({ name: 'float_info', module: 'sys' }));
  info.attributes.set('max', Number.MAX_VALUE);
  info.attributes.set('min', 2.2250738585072014e-308);
  info.attributes.set('epsilon', Number.EPSILON);
  return info;
}

/** Time as the host has it; `sleep` does not wait, since a stepped script is slower than any pause. */
export const timeModule: ModuleRow = {
  name: 'time',
  build: (interpreter) => {
    const start = interpreter.host.now();
    const elapsed = (): number => interpreter.host.now() - start;
    return new PyModule(
      'time',
      functionsOf({
        time: ['', () => interpreter.host.now()],
        time_ns: ['', () => BigInt(Math.round(interpreter.host.now() * 1e9))],
        perf_counter: ['', elapsed],
        perf_counter_ns: ['', () => BigInt(Math.round(elapsed() * 1e9))],
        monotonic: ['', elapsed],
        process_time: ['', elapsed],
        sleep: ['seconds, /', () => null],
        strftime: [
          'format, t=None, /',
          (args) => strftime(args.string('format'), new Date(interpreter.host.now() * 1000)),
        ],
        ctime: ['secs=None, /', () => strftime('%a %b %d %H:%M:%S %Y', new Date(interpreter.host.now() * 1000))],
        localtime: ['secs=None, /', () => null],
      }),
    );
  },
};

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** The codes of `strftime`, in UTC. */
export function strftime(format: string, date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const codes: Record<string, string> = {
    Y: String(date.getUTCFullYear()),
    y: two(date.getUTCFullYear() % 100),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    H: two(date.getUTCHours()),
    I: two(date.getUTCHours() % 12 || 12),
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    f: String(date.getUTCMilliseconds() * 1000).padStart(6, '0'),
    p: date.getUTCHours() < 12 ? 'AM' : 'PM',
    A: days[date.getUTCDay()]!,
    a: days[date.getUTCDay()]!.slice(0, 3),
    B: months[date.getUTCMonth()]!,
    b: months[date.getUTCMonth()]!.slice(0, 3),
    '%': '%',
  };
  return format.replace(/%([a-zA-Z%])/g, (whole, code: string) => codes[code] ?? whole);
}

function joinPath(parts: readonly string[]): string {
  let result = '';
  for (const part of parts) {
    if (part.startsWith('/')) result = part;
    else result = result === '' || result.endsWith('/') ? result + part : `${result}/${part}`;
  }
  return result;
}

const pathText = (value: PyValue, interpreter: Interpreter): string => interpreter.str(value);

export const osPathModule = plainModule('os.path', {
  join: ['*parts', (args, interpreter) => joinPath(args.rest().map((part) => pathText(part, interpreter)))],
  basename: ['p', (args, interpreter) => pathText(args.value('p'), interpreter).replace(/^.*\//, '')],
  dirname: ['p', (args, interpreter) => pathText(args.value('p'), interpreter).replace(/\/?[^/]*$/, '')],
  abspath: ['path', (args, interpreter) => pathText(args.value('path'), interpreter)],
  realpath: ['path', (args, interpreter) => pathText(args.value('path'), interpreter)],
  expanduser: ['path', (args, interpreter) => pathText(args.value('path'), interpreter)],
  exists: ['path', () => false],
  isfile: ['path', () => false],
  isdir: ['path', () => false],
  splitext: [
    'p',
    (args, interpreter) => {
      const text = pathText(args.value('p'), interpreter);
      const found = /^(.*[^/])(\.[^./]*)$/.exec(text);
      return new PyTuple(found === null ? [text, ''] : [found[1]!, found[2]!]);
    },
  ],
});

export const osModule: ModuleRow = {
  name: 'os',
  build: (interpreter) => {
    const environment = new PyDict([...interpreter.host.environment].map(([key, value]) => [key, value] as const));
    return new PyModule('os', {
      environ: environment,
      sep: '/',
      linesep: '\n',
      name: 'posix',
      ...functionsOf({
        getenv: ['key, default=None', (args) => environment.get(args.value('key')) ?? args.value('default')],
        getcwd: ['', () => '.'],
        getpid: ['', () => 1n],
        cpu_count: ['', () => 1n],
        makedirs: ['name, mode=511, exist_ok=False', () => null],
        mkdir: ['path, mode=511', () => null],
        listdir: [
          'path="."',
          (args, interpreter_) => {
            throw new PythonError(
              'FileNotFoundError',
              `[Errno 2] No such file or directory: ${interpreter_.repr(args.value('path'))}`,
            );
          },
        ],
      }),
    });
  },
};

export const pathlibModule: ModuleRow = {
  name: 'pathlib',
  build: () => {
    const make = (text: string): PyInstance => {
      const path = new PyInstance(pathClass);
      path.native = text === '' ? '.' : text;
      return path;
    };
    const textOf = (value: PyInstance): string => String(value.native);
    const pathClass = nativeClass<PyInstance>({
      name: 'PosixPath',
      module: 'pathlib',
      methods: {
        __init__: [
          '*parts',
          (self, args, interpreter) =>
            void (self.native = joinPath(args.rest().map((part) => interpreter.str(part))) || '.'),
        ],
        __truediv__: [
          'other, /',
          (self, args, interpreter) => make(joinPath([textOf(self), interpreter.str(args.value('other'))])),
        ],
        __str__: ['', textOf],
        __fspath__: ['', textOf],
        __repr__: ['', (self) => `PosixPath('${textOf(self)}')`],
        __eq__: [
          'other, /',
          (self, args) =>
            args.value('other') instanceof PyInstance && (args.value('other') as PyInstance).native === self.native,
        ],
        exists: ['', () => false],
        is_file: ['', () => false],
        is_dir: ['', () => false],
        mkdir: ['mode=511, parents=False, exist_ok=False', () => null],
        resolve: ['strict=False', (self) => self],
        absolute: ['', (self) => self],
        expanduser: ['', (self) => self],
        joinpath: [
          '*parts',
          (self, args, interpreter) =>
            make(joinPath([textOf(self), ...args.rest().map((part) => interpreter.str(part))])),
        ],
        with_suffix: ['suffix, /', (self, args) => make(textOf(self).replace(/\.[^./]*$/, '') + args.string('suffix'))],
      },
      properties: {
        name: (self) => textOf(self).replace(/^.*\//, ''),
        stem: (self) =>
          textOf(self)
            .replace(/^.*\//, '')
            .replace(/(.)\.[^.]*$/, '$1'),
        suffix: (self) => /[^/](\.[^./]*)$/.exec(textOf(self))?.[1] ?? '',
        parent: (self) => make(textOf(self).includes('/') ? textOf(self).replace(/\/[^/]*$/, '') : '.'),
        parts: (self) =>
          new PyTuple(
            textOf(self)
              .split('/')
              .filter((part) => part !== ''),
          ),
      },
      staticMethods: { cwd: ['', () => make('.')], home: ['', () => make('~')] },
    });
    return new PyModule('pathlib', { Path: pathClass, PurePath: pathClass, PosixPath: pathClass });
  },
};

export const platformModule = plainModule('platform', {
  system: ['', () => 'Linux'],
  python_version: ['', () => '3.11.7'],
  machine: ['', () => 'x86_64'],
  platform: ['', () => 'Linux'],
  node: ['', () => 'localhost'],
});

export const gcModule = plainModule('gc', {
  collect: ['generation=2', () => 0n],
  disable: ['', () => null],
  enable: ['', () => null],
});

/** `__future__`: every feature is on already. */
export const futureModule = plainModule(
  '__future__',
  {},
  Object.fromEntries(
    [
      'annotations',
      'division',
      'print_function',
      'absolute_import',
      'unicode_literals',
      'with_statement',
      'generators',
    ].map((name) => [name, true]),
  ),
);

export const timeitModule: ModuleRow = {
  name: 'timeit',
  build: (interpreter) =>
    new PyModule('timeit', { default_timer: nativeFunction('default_timer', '', () => interpreter.host.now()) }),
};
