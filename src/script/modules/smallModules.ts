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
