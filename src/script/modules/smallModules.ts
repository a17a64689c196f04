import { pythonModule } from './pythonModule';

export const operatorModule = pythonModule(
  'operator',
  `
def add(a, b): return a + b
def sub(a, b): return a - b
def mul(a, b): return a * b
def truediv(a, b): return a / b
def floordiv(a, b): return a // b
def mod(a, b): return a % b
def pow(a, b): return a ** b
def matmul(a, b): return a @ b
def neg(a): return -a
def pos(a): return +a
def not_(a): return not a
def and_(a, b): return a & b
def or_(a, b): return a | b
def xor(a, b): return a ^ b
def lshift(a, b): return a << b
def rshift(a, b): return a >> b
def eq(a, b): return a == b
def ne(a, b): return a != b
def lt(a, b): return a < b
def le(a, b): return a <= b
def gt(a, b): return a > b
def ge(a, b): return a >= b
def is_(a, b): return a is b
def is_not(a, b): return a is not b
def truth(a): return bool(a)
def contains(a, b): return b in a
def getitem(a, b): return a[b]
def setitem(a, b, c): a[b] = c
def delitem(a, b): del a[b]
def iadd(a, b):
    a += b
    return a

def itemgetter(*keys):
    if len(keys) == 1:
        return lambda target: target[keys[0]]
    return lambda target: tuple([target[key] for key in keys])

def attrgetter(*names):
    def one(target, name):
        for part in name.split('.'):
            target = getattr(target, part)
        return target
    if len(names) == 1:
        return lambda target: one(target, names[0])
    return lambda target: tuple([one(target, name) for name in names])

def methodcaller(name, /, *args, **kwargs):
    return lambda target: getattr(target, name)(*args, **kwargs)
`,
);

export const stringModule = pythonModule(
  'string',
  `
ascii_lowercase = 'abcdefghijklmnopqrstuvwxyz'
ascii_uppercase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
ascii_letters = ascii_lowercase + ascii_uppercase
digits = '0123456789'
hexdigits = digits + 'abcdefABCDEF'
octdigits = '01234567'
punctuation = '!"#$%&\\'()*+,-./:;<=>?@[\\\\]^_\`{|}~'
whitespace = ' \\t\\n\\r\\x0b\\x0c'
printable = digits + ascii_letters + punctuation + whitespace

def capwords(s, sep=None):
    return (sep or ' ').join([word.capitalize() for word in s.split(sep)])

class Template:
    def __init__(self, template):
        self.template = template
    def substitute(self, mapping=None, /, **kwargs):
        values = {**(mapping or {}), **kwargs}
        text = self.template
        for name in sorted(values, key=len, reverse=True):
            text = text.replace('\${' + name + '}', str(values[name])).replace('$' + name, str(values[name]))
        return text.replace('$$', '$')
    safe_substitute = substitute
`,
);

export const heapqModule = pythonModule(
  'heapq',
  `
def heappush(heap, item):
    heap.append(item)
    position = len(heap) - 1
    while position > 0:
        parent = (position - 1) >> 1
        if not heap[position] < heap[parent]:
            break
        heap[position], heap[parent] = heap[parent], heap[position]
        position = parent

def _sink(heap, position):
    end = len(heap)
    start = position
    item = heap[position]
    child = 2 * position + 1
    while child < end:
        right = child + 1
        if right < end and not heap[child] < heap[right]:
            child = right
        heap[position] = heap[child]
        position = child
        child = 2 * position + 1
    heap[position] = item
    while position > start:
        parent = (position - 1) >> 1
        if not item < heap[parent]:
            break
        heap[position] = heap[parent]
        position = parent
    heap[position] = item

def heappop(heap):
    last = heap.pop()
    if heap:
        result = heap[0]
        heap[0] = last
        _sink(heap, 0)
        return result
    return last

def heapify(heap):
    for position in reversed(range(len(heap) // 2)):
        _sink(heap, position)

def heapreplace(heap, item):
    result = heap[0]
    heap[0] = item
    _sink(heap, 0)
    return result

def heappushpop(heap, item):
    if heap and heap[0] < item:
        item, heap[0] = heap[0], item
        _sink(heap, 0)
    return item

def nlargest(n, iterable, key=None):
    return sorted(iterable, key=key, reverse=True)[:n]

def nsmallest(n, iterable, key=None):
    return sorted(iterable, key=key)[:n]
`,
);

export const bisectModule = pythonModule(
  'bisect',
  `
def bisect_right(a, x, lo=0, hi=None, *, key=None):
    hi = len(a) if hi is None else hi
    while lo < hi:
        mid = (lo + hi) // 2
        if x < (a[mid] if key is None else key(a[mid])):
            hi = mid
        else:
            lo = mid + 1
    return lo

def bisect_left(a, x, lo=0, hi=None, *, key=None):
    hi = len(a) if hi is None else hi
    while lo < hi:
        mid = (lo + hi) // 2
        if (a[mid] if key is None else key(a[mid])) < x:
            lo = mid + 1
        else:
            hi = mid
    return lo

bisect = bisect_right

def insort_right(a, x, lo=0, hi=None):
    a.insert(bisect_right(a, x, lo, hi), x)

def insort_left(a, x, lo=0, hi=None):
    a.insert(bisect_left(a, x, lo, hi), x)

insort = insort_right
`,
);

export const statisticsModule = pythonModule(
  'statistics',
  `
import math

class StatisticsError(ValueError):
    pass

def _checked(data, least, name):
    data = list(data)
    if len(data) < least:
        raise StatisticsError(f'{name} requires at least {"one data point" if least == 1 else "two data points"}')
    return data

def fmean(data):
    data = _checked(data, 1, 'fmean')
    return math.fsum(data) / len(data)

def mean(data):
    data = _checked(data, 1, 'mean')
    if all(isinstance(item, int) for item in data):
        total = sum(data)
        return total // len(data) if total % len(data) == 0 else total / len(data)
    return math.fsum(data) / len(data)

def median(data):
    data = sorted(_checked(data, 1, 'median'))
    middle = len(data) // 2
    return data[middle] if len(data) % 2 else (data[middle - 1] + data[middle]) / 2

def variance(data, xbar=None):
    data = _checked(data, 2, 'variance')
    center = mean(data) if xbar is None else xbar
    return math.fsum([(item - center) ** 2 for item in data]) / (len(data) - 1)

def pvariance(data, mu=None):
    data = _checked(data, 1, 'pvariance')
    center = mean(data) if mu is None else mu
    return math.fsum([(item - center) ** 2 for item in data]) / len(data)

def stdev(data, xbar=None):
    return math.sqrt(variance(data, xbar))

def pstdev(data, mu=None):
    return math.sqrt(pvariance(data, mu))

def mode(data):
    counts = {}
    for item in data:
        counts[item] = counts.get(item, 0) + 1
    return max(counts, key=counts.get)
`,
);

export const loggingModule = pythonModule(
  'logging',
  `
import sys

NOTSET, DEBUG, INFO, WARNING, ERROR, CRITICAL = 0, 10, 20, 30, 40, 50
WARN, FATAL = WARNING, CRITICAL
_names = {10: 'DEBUG', 20: 'INFO', 30: 'WARNING', 40: 'ERROR', 50: 'CRITICAL'}
_state = {'level': WARNING, 'format': '%(levelname)s:%(name)s:%(message)s', 'stream': None}
_loggers = {}

def getLevelName(level):
    return _names.get(level, f'Level {level}')

class Handler:
    def __init__(self, *args, **kwargs):
        pass
    def setLevel(self, level):
        pass
    def setFormatter(self, formatter):
        pass

class StreamHandler(Handler):
    pass

class FileHandler(Handler):
    pass

class NullHandler(Handler):
    pass

class Formatter:
    def __init__(self, fmt=None, datefmt=None, style='%'):
        self.fmt = fmt

def _level(level):
    if isinstance(level, str):
        for number, name in _names.items():
            if name == level:
                return number
        raise ValueError(f'Unknown level: {level!r}')
    return level

class Logger:
    def __init__(self, name, level=NOTSET):
        self.name = name
        self.level = level
        self.handlers = []
        self.propagate = True
    def setLevel(self, level):
        self.level = _level(level)
    def getEffectiveLevel(self):
        return self.level or _state['level']
    def isEnabledFor(self, level):
        return level >= self.getEffectiveLevel()
    def addHandler(self, handler):
        self.handlers.append(handler)
    def removeHandler(self, handler):
        self.handlers.remove(handler)
    def hasHandlers(self):
        return bool(self.handlers)
    def log(self, level, message, *args, **kwargs):
        if not self.isEnabledFor(level):
            return
        text = str(message) % args if args else str(message)
        values = {'levelname': getLevelName(level), 'name': self.name, 'message': text, 'asctime': '', 'filename': 'script', 'lineno': 0, 'funcName': '', 'levelno': level, 'process': 1, 'module': 'script'}
        print(_state['format'] % values, file=_state['stream'] or sys.stderr)
    def debug(self, message, *args, **kwargs):
        self.log(DEBUG, message, *args)
    def info(self, message, *args, **kwargs):
        self.log(INFO, message, *args)
    def warning(self, message, *args, **kwargs):
        self.log(WARNING, message, *args)
    def error(self, message, *args, **kwargs):
        self.log(ERROR, message, *args)
    def exception(self, message, *args, **kwargs):
        self.log(ERROR, message, *args)
    def critical(self, message, *args, **kwargs):
        self.log(CRITICAL, message, *args)
    warn = warning

root = Logger('root')

def getLogger(name=None):
    if not name:
        return root
    if name not in _loggers:
        _loggers[name] = Logger(name)
    return _loggers[name]

def basicConfig(*, level=None, format=None, stream=None, datefmt=None, handlers=None, force=False, filename=None, filemode='a', style='%'):
    if level is not None:
        _state['level'] = _level(level)
    if format is not None:
        _state['format'] = format
    if stream is not None:
        _state['stream'] = stream

def disable(level=CRITICAL):
    _state['level'] = level + 1

debug, info, warning, error, critical, exception, log = root.debug, root.info, root.warning, root.error, root.critical, root.exception, root.log
`,
);

export const typesModule = pythonModule(
  'types',
  `
class SimpleNamespace:
    def __init__(self, /, **kwargs):
        self.__dict__.update(kwargs)
    def __eq__(self, other):
        return isinstance(other, SimpleNamespace) and self.__dict__ == other.__dict__
    def __repr__(self):
        return 'namespace(' + ', '.join([f'{name}={value!r}' for name, value in self.__dict__.items()]) + ')'

def _function(): pass
class _Class:
    def method(self): pass
def _generator(): yield

FunctionType = LambdaType = type(_function)
MethodType = type(_Class().method)
GeneratorType = type(_generator())
BuiltinFunctionType = type(len)
NoneType = type(None)
ModuleType = type(__import__('math'))
`,
);

export const pprintModule = pythonModule(
  'pprint',
  `
def pformat(value, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True, underscore_numbers=False):
    return _text(value, indent, width, 0, 0, sort_dicts)

def _keys(value, sort_dicts):
    if not sort_dicts:
        return list(value)
    try:
        return sorted(value)
    except TypeError:
        return list(value)

def _flat(value, sort_dicts):
    if type(value) is dict:
        return '{' + ', '.join([f'{key!r}: {_flat(value[key], sort_dicts)}' for key in _keys(value, sort_dicts)]) + '}'
    return repr(value)

def _text(value, indent, width, column, tail, sort_dicts):
    flat = _flat(value, sort_dicts)
    if column + len(flat) + tail <= width or not isinstance(value, (dict, list, tuple, set)) or not value:
        return flat
    pad = ' ' * (column + indent)
    lead = ' ' * (indent - 1)
    if isinstance(value, dict):
        rows = []
        keys = _keys(value, sort_dicts)
        for index, key in enumerate(keys):
            label = f'{key!r}: '
            last = tail + 1 if index == len(keys) - 1 else 1
            rows.append(label + _text(value[key], indent, width, column + indent + len(label), last, sort_dicts))
        return '{' + lead + (',\\n' + pad).join(rows) + '}'
    opening, closing = ('[', ']') if isinstance(value, list) else ('(', ')') if isinstance(value, tuple) else ('{', '}')
    items = sorted(value) if isinstance(value, set) else list(value)
    rows = [_text(item, indent, width, column + indent, tail + 1 if index == len(items) - 1 else 1, sort_dicts) for index, item in enumerate(items)]
    if isinstance(value, tuple) and len(value) == 1:
        closing = ',)'
    return opening + lead + (',\\n' + pad).join(rows) + closing

def pprint(value, stream=None, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True, underscore_numbers=False):
    print(pformat(value, indent, width, depth, compact=compact, sort_dicts=sort_dicts), file=stream)

pp = pprint
`,
);
