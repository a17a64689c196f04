import { PyModule } from '../objects/functions';
import type { Interpreter, ModuleRow } from '../objects/interpreter';
import { nativeClass, nativeFunction } from '../objects/native';
import { PyIterator } from '../objects/functions';
import type { PyClass, PyValue } from '../objects/value';
import type { PyInstance } from '../objects/value';
import { PyRange } from '../objects/containers';

interface Bar {
  id: number;
  iterable: PyValue;
  total: number | null;
  done: number;
  description: string;
  postfix: string;
  closed: boolean;
  /** Seconds of the host's clock at the last report. */
  reported: number;
}

/** At most this often a bar is reported, in seconds. */
const interval = 0.05;

/** `tqdm` passes its items through and tells the host how far it is; it prints nothing. */
function buildTqdm(name: string): ModuleRow {
  return {
    name,
    build: (interpreter) => {
      const bar = barClass(interpreter);
      const range = nativeFunction('trange', '*args, **kwargs', (args) => {
        const [first, stop, step] = args.rest();
        const given =
          stop === undefined
            ? new PyRange(0n, first as bigint, 1n)
            : new PyRange(first as bigint, stop as bigint, (step as bigint | undefined) ?? 1n);
        return interpreter.call(bar, [given], args.keywords());
      });
      return new PyModule(name, { tqdm: bar, trange: range });
    },
  };
}

function barClass(interpreter: Interpreter): PyClass {
  let nextId = 1;
  const barOf = (self: PyInstance): Bar => self.native as Bar;
  const report = (state: Bar, force: boolean): void => {
    const now = interpreter.host.now();
    if (!force && now - state.reported < interval) return;
    state.reported = now;
    const { id, description, done, total, postfix, closed } = state;
    interpreter.host.progress({ id, description, done, total, postfix, closed });
  };
  const close = (state: Bar): void => {
    if (state.closed) return;
    state.closed = true;
    report(state, true);
  };
  function* items(state: Bar): Generator<PyValue, null> {
    const iterator = interpreter.iterate(state.iterable);
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
      yield step.value;
      state.done++;
      report(state, false);
    }
    close(state);
    return null;
  }
  const pairs = (values: ReadonlyMap<string, PyValue>): string =>
    [...values]
      .map(
        ([key, value]) =>
          `${key}=${typeof value === 'number' ? interpreter.format(value, '.3g') : interpreter.str(value)}`,
      )
      .join(', ');
  return nativeClass<PyInstance>({
    name: 'tqdm',
    module: 'tqdm.std',
    methods: {
      __init__: [
        'iterable=None, desc=None, total=None, leave=True, file=None, ncols=None, mininterval=0.1, maxinterval=10.0, miniters=None, ascii=None, disable=False, unit="it", unit_scale=False, dynamic_ncols=False, smoothing=0.3, bar_format=None, initial=0, position=None, postfix=None, unit_divisor=1000, write_bytes=False, lock_args=None, nrows=None, colour=None, delay=0, gui=False, **kwargs',
        (self, args) => {
          const iterable = args.value('iterable');
          let total = args.isNone('total') ? null : args.float('total');
          if (total === null && iterable !== null && interpreter.findAttribute(iterable, '__len__') !== undefined) {
            total = interpreter.length(iterable);
          }
          const description = args.isNone('desc') ? '' : interpreter.str(args.value('desc'));
          const state: Bar = {
            id: nextId++,
            iterable,
            total,
            done: args.index('initial'),
            description,
            postfix: '',
            closed: false,
            reported: 0,
          };
          self.native = state;
          report(state, true);
        },
      ],
      __iter__: ['', (self) => new PyIterator(items(barOf(self)), 'generator')],
      __len__: ['', (self) => BigInt(barOf(self).total ?? interpreter.length(barOf(self).iterable))],
      __enter__: ['', (self) => self],
      __exit__: ['*details', (self) => close(barOf(self))],
      update: [
        'n=1',
        (self, args) => {
          barOf(self).done += args.float('n');
          report(barOf(self), false);
        },
      ],
      close: ['', (self) => close(barOf(self))],
      refresh: ['*args, **kwargs', (self) => report(barOf(self), true)],
      clear: ['*args, **kwargs', () => null],
      reset: ['total=None', (self) => void (barOf(self).done = 0)],
      set_description: [
        'desc=None, refresh=True',
        (self, args) => {
          barOf(self).description = args.isNone('desc') ? '' : interpreter.str(args.value('desc'));
          report(barOf(self), false);
        },
      ],
      set_description_str: [
        'desc=None, refresh=True',
        (self, args) => void (barOf(self).description = args.isNone('desc') ? '' : interpreter.str(args.value('desc'))),
      ],
      set_postfix: [
        'ordered_dict=None, refresh=True, **kwargs',
        (self, args) => {
          const given = args.isNone('ordered_dict')
            ? []
            : interpreter.list(interpreter.callMethod(args.value('ordered_dict'), 'items'));
          const values = new Map<string, PyValue>();
          for (const pair of given) {
            const [key, value] = interpreter.list(pair);
            values.set(String(key), value ?? null);
          }
          for (const [key, value] of args.keywords()) values.set(key, value);
          barOf(self).postfix = pairs(values);
          report(barOf(self), false);
        },
      ],
      set_postfix_str: ['s="", refresh=True', (self, args) => void (barOf(self).postfix = args.string('s'))],
    },
    properties: {
      n: {
        get: (self) => BigInt(Math.trunc(barOf(self).done)),
        set: (self, value) => void (barOf(self).done = Number(value)),
      },
      total: (self) => (barOf(self).total === null ? null : BigInt(Math.trunc(barOf(self).total!))),
      desc: (self) => barOf(self).description,
      format_dict: () => null,
    },
    staticMethods: {
      write: [
        's, file=None, end="\n", nolock=False',
        (args) => interpreter.host.print(args.string('s') + args.string('end'), 'stdout'),
      ],
    },
  });
}

export const tqdmModules: readonly ModuleRow[] = ['tqdm', 'tqdm.auto', 'tqdm.notebook', 'tqdm.std'].map(buildTqdm);
