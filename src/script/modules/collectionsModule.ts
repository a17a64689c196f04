import { pythonModule } from './pythonModule';

const source = `
class OrderedDict(dict):
    def move_to_end(self, key, last=True):
        value = self.pop(key)
        if last:
            self[key] = value
            return
        items = list(self.items())
        self.clear()
        self[key] = value
        for name, item in items:
            self[name] = item
    def popitem(self, last=True):
        if not self:
            raise KeyError('dictionary is empty')
        key = list(self)[-1 if last else 0]
        return key, self.pop(key)
    def copy(self):
        return type(self)(self)
    def __repr__(self):
        return 'OrderedDict(' + (repr(list(self.items())) if self else '') + ')'

class defaultdict(dict):
    def __init__(self, default_factory=None, /, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError('first argument must be callable or None')
        self.default_factory = default_factory
        dict.__init__(self, *args, **kwargs)
    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        value = self.default_factory()
        self[key] = value
        return value
    def copy(self):
        return defaultdict(self.default_factory, self)
    def __repr__(self):
        return 'defaultdict(' + repr(self.default_factory) + ', ' + repr(dict(self)) + ')'

class Counter(dict):
    def __init__(self, iterable=None, /, **kwargs):
        dict.__init__(self)
        self.update(iterable, **kwargs)
    def __missing__(self, key):
        return 0
    def update(self, iterable=None, /, **kwargs):
        if isinstance(iterable, dict):
            for key, count in iterable.items():
                self[key] = self[key] + count
        elif iterable is not None:
            for key in iterable:
                self[key] = self[key] + 1
        for key, count in kwargs.items():
            self[key] = self[key] + count
    def subtract(self, iterable=None, /, **kwargs):
        pairs = iterable.items() if isinstance(iterable, dict) else [(key, 1) for key in iterable or ()]
        for key, count in [*pairs, *kwargs.items()]:
            self[key] = self[key] - count
    def most_common(self, n=None):
        ranked = sorted(self.items(), key=lambda pair: pair[1], reverse=True)
        return ranked if n is None else ranked[:n]
    def elements(self):
        for key, count in self.items():
            for _ in range(count):
                yield key
    def total(self):
        return sum(self.values())
    def copy(self):
        return Counter(self)
    def __add__(self, other):
        result = Counter()
        for key in [*self, *(key for key in other if key not in self)]:
            if self[key] + other[key] > 0:
                result[key] = self[key] + other[key]
        return result
    def __sub__(self, other):
        result = Counter()
        for key in [*self, *(key for key in other if key not in self)]:
            if self[key] - other[key] > 0:
                result[key] = self[key] - other[key]
        return result
    def __and__(self, other):
        return Counter({key: min(self[key], other[key]) for key in self if min(self[key], other[key]) > 0})
    def __or__(self, other):
        keys = [*self, *(key for key in other if key not in self)]
        return Counter({key: max(self[key], other[key]) for key in keys if max(self[key], other[key]) > 0})
    def __repr__(self):
        if not self:
            return 'Counter()'
        return 'Counter({' + ', '.join(f'{key!r}: {count!r}' for key, count in self.most_common()) + '})'

class deque:
    def __init__(self, iterable=(), maxlen=None):
        self._items = []
        self.maxlen = maxlen
        self.extend(iterable)
    def append(self, item):
        self._items.append(item)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            del self._items[0]
    def appendleft(self, item):
        self._items.insert(0, item)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            self._items.pop()
    def extend(self, iterable):
        for item in iterable:
            self.append(item)
    def extendleft(self, iterable):
        for item in iterable:
            self.appendleft(item)
    def pop(self):
        if not self._items:
            raise IndexError('pop from an empty deque')
        return self._items.pop()
    def popleft(self):
        if not self._items:
            raise IndexError('pop from an empty deque')
        return self._items.pop(0)
    def clear(self):
        self._items.clear()
    def copy(self):
        return deque(self._items, self.maxlen)
    def count(self, item):
        return self._items.count(item)
    def index(self, item):
        return self._items.index(item)
    def remove(self, item):
        if item not in self._items:
            raise ValueError('deque.remove(x): x not in deque')
        self._items.remove(item)
    def reverse(self):
        self._items.reverse()
    def rotate(self, n=1):
        if self._items:
            n %= len(self._items)
            self._items = self._items[-n:] + self._items[:-n] if n else self._items
    def __len__(self):
        return len(self._items)
    def __bool__(self):
        return bool(self._items)
    def __iter__(self):
        return iter(self._items)
    def __reversed__(self):
        return reversed(self._items)
    def __contains__(self, item):
        return item in self._items
    def __getitem__(self, index):
        try:
            return self._items[index]
        except IndexError:
            raise IndexError('deque index out of range') from None
    def __setitem__(self, index, value):
        self._items[index] = value
    def __delitem__(self, index):
        del self._items[index]
    def __eq__(self, other):
        return isinstance(other, deque) and self._items == other._items
    def __repr__(self):
        bound = '' if self.maxlen is None else f', maxlen={self.maxlen}'
        return f'deque({self._items!r}{bound})'

class ChainMap(dict):
    def __init__(self, *maps):
        dict.__init__(self)
        for one in reversed(maps):
            self.update(one)

def _fields(names):
    if isinstance(names, str):
        names = names.replace(',', ' ').split()
    return tuple(names)

def _item(index):
    return property(lambda self: self[index])

def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    return _named(typename, _fields(field_names), tuple(defaults or ()))

def _named(typename, fields, defaults, extra=None):
    start = len(fields) - len(defaults)
    def __new__(cls, *args, **kwargs):
        if len(args) > len(fields):
            raise TypeError(f'{typename}.__new__() takes {len(fields) + 1} positional arguments but {len(args) + 1} were given')
        values = list(args)
        missing = []
        for index in range(len(args), len(fields)):
            name = fields[index]
            if name in kwargs:
                values.append(kwargs.pop(name))
            elif index >= start:
                values.append(defaults[index - start])
            else:
                missing.append(name)
        for name in kwargs:
            if name in fields:
                raise TypeError(f"{typename}.__new__() got multiple values for argument '{name}'")
            raise TypeError(f"{typename}.__new__() got an unexpected keyword argument '{name}'")
        if missing:
            names = [repr(name) for name in missing]
            text = ' and '.join(names) if len(names) <= 2 else ', '.join(names[:-1]) + ', and ' + names[-1]
            plural = '' if len(names) == 1 else 's'
            raise TypeError(f'{typename}.__new__() missing {len(names)} required positional argument{plural}: {text}')
        return tuple.__new__(cls, values)
    def __repr__(self):
        return type(self).__name__ + '(' + ', '.join(f'{name}={value!r}' for name, value in zip(fields, self)) + ')'
    def _asdict(self):
        return dict(zip(fields, self))
    def _replace(self, **kwargs):
        for name in kwargs:
            if name not in fields:
                raise ValueError(f'Got unexpected field names: {[name]!r}')
        return type(self)(*[kwargs.get(name, value) for name, value in zip(fields, self)])
    namespace = {
        '__new__': __new__, '__repr__': __repr__, '_asdict': _asdict, '_replace': _replace,
        '_fields': fields, '__match_args__': fields, '_field_defaults': dict(zip(fields[start:], defaults)),
        '_make': classmethod(lambda cls, iterable: cls(*iterable)),
    }
    for index, name in enumerate(fields):
        namespace[name] = _item(index)
    if extra is not None:
        namespace.update(extra)
    return type(typename, (tuple,), namespace)
`;

/** `collections`. */
export const collectionsModule = pythonModule('collections', source);
