import { pythonModule } from './pythonModule';

export const functoolsModule = pythonModule(
  'functools',
  `
from collections import namedtuple

WRAPPER_ASSIGNMENTS = ('__module__', '__name__', '__qualname__', '__doc__')

def update_wrapper(wrapper, wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=('__dict__',)):
    for name in ('__name__', '__qualname__', '__doc__'):
        if hasattr(wrapped, name):
            setattr(wrapper, name, getattr(wrapped, name))
    wrapper.__wrapped__ = wrapped
    return wrapper

def wraps(wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=('__dict__',)):
    return lambda wrapper: update_wrapper(wrapper, wrapped)

class partial:
    def __init__(self, func, /, *args, **keywords):
        if isinstance(func, partial):
            args = func.args + args
            keywords = {**func.keywords, **keywords}
            func = func.func
        self.func = func
        self.args = args
        self.keywords = keywords
    def __call__(self, /, *args, **keywords):
        return self.func(*self.args, *args, **{**self.keywords, **keywords})
    def __repr__(self):
        parts = [repr(self.func), *map(repr, self.args), *(f'{k}={v!r}' for k, v in self.keywords.items())]
        return 'functools.partial(' + ', '.join(parts) + ')'

class partialmethod:
    def __init__(self, func, /, *args, **keywords):
        self.func, self.args, self.keywords = func, args, keywords
    def __get__(self, instance, owner=None):
        return partial(self.func, instance, *self.args, **self.keywords)

_missing = object()

def reduce(function, iterable, initial=_missing, /):
    iterator = iter(iterable)
    if initial is _missing:
        try:
            value = next(iterator)
        except StopIteration:
            raise TypeError('reduce() of empty iterable with no initial value') from None
    else:
        value = initial
    for item in iterator:
        value = function(value, item)
    return value

CacheInfo = namedtuple('CacheInfo', 'hits misses maxsize currsize')

class _Cached:
    def __init__(self, function, maxsize):
        self._function = function
        self._maxsize = maxsize
        self._values = {}
        self._hits = 0
        self._misses = 0
        update_wrapper(self, function)
    def __call__(self, *args, **kwargs):
        key = (args, tuple(kwargs.items()))
        if key in self._values:
            self._hits += 1
            value = self._values.pop(key)
            self._values[key] = value
            return value
        self._misses += 1
        value = self._function(*args, **kwargs)
        self._values[key] = value
        if self._maxsize is not None and len(self._values) > self._maxsize:
            del self._values[next(iter(self._values))]
        return value
    def __get__(self, instance, owner=None):
        return self if instance is None else partial(self, instance)
    def cache_clear(self):
        self._values.clear()
        self._hits = self._misses = 0
    def cache_info(self):
        return CacheInfo(self._hits, self._misses, self._maxsize, len(self._values))

def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return _Cached(maxsize, 128)
    return lambda function: _Cached(function, maxsize)

def cache(function):
    return _Cached(function, None)

class cached_property:
    def __init__(self, function):
        self.function = function
        self.name = function.__name__
    def __set_name__(self, owner, name):
        self.name = name
    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        value = self.function(instance)
        instance.__dict__[self.name] = value
        return value

def cmp_to_key(compare):
    class Key:
        def __init__(self, value):
            self.value = value
        def __lt__(self, other):
            return compare(self.value, other.value) < 0
        def __eq__(self, other):
            return compare(self.value, other.value) == 0
    return Key

def total_ordering(cls):
    if '__lt__' in cls.__dict__:
        cls.__gt__ = lambda self, other: not (self < other or self == other)
        cls.__le__ = lambda self, other: self < other or self == other
        cls.__ge__ = lambda self, other: not self < other
    elif '__gt__' in cls.__dict__:
        cls.__lt__ = lambda self, other: not (self > other or self == other)
        cls.__ge__ = lambda self, other: self > other or self == other
        cls.__le__ = lambda self, other: not self > other
    return cls

def singledispatch(function):
    registry = {}
    def wrapper(*args, **kwargs):
        for kind in type(args[0]).__mro__:
            if kind in registry:
                return registry[kind](*args, **kwargs)
        return function(*args, **kwargs)
    def register(kind, implementation=None):
        if implementation is None:
            return lambda made: register(kind, made)
        registry[kind] = implementation
        return implementation
    wrapper.register = register
    return update_wrapper(wrapper, function)
`,
);

export const contextlibModule = pythonModule(
  'contextlib',
  `
class AbstractContextManager:
    def __enter__(self):
        return self
    def __exit__(self, type, value, traceback):
        return None

class ContextDecorator:
    def __call__(self, function):
        def inner(*args, **kwargs):
            with self._recreate():
                return function(*args, **kwargs)
        inner.__name__ = function.__name__
        return inner
    def _recreate(self):
        return self

class _GeneratorContext(ContextDecorator):
    def __init__(self, function, args, kwargs):
        self._made = (function, args, kwargs)
        self._generator = function(*args, **kwargs)
    def _recreate(self):
        return type(self)(*self._made)
    def __enter__(self):
        try:
            return next(self._generator)
        except StopIteration:
            raise RuntimeError("generator didn't yield") from None
    def __exit__(self, type, value, traceback):
        if type is None:
            try:
                next(self._generator)
            except StopIteration:
                return False
            raise RuntimeError("generator didn't stop")
        try:
            self._generator.throw(value)
        except StopIteration as stopped:
            return stopped is not value
        except BaseException as error:
            if error is value:
                return False
            raise
        raise RuntimeError("generator didn't stop after throw()")

def contextmanager(function):
    def helper(*args, **kwargs):
        return _GeneratorContext(function, args, kwargs)
    helper.__name__ = function.__name__
    helper.__doc__ = function.__doc__
    return helper

class suppress:
    def __init__(self, *exceptions):
        self._exceptions = exceptions
    def __enter__(self):
        return None
    def __exit__(self, type, value, traceback):
        return type is not None and issubclass(type, self._exceptions)

class nullcontext:
    def __init__(self, enter_result=None):
        self.enter_result = enter_result
    def __enter__(self):
        return self.enter_result
    def __exit__(self, *details):
        return None

class closing:
    def __init__(self, thing):
        self.thing = thing
    def __enter__(self):
        return self.thing
    def __exit__(self, *details):
        self.thing.close()

class ExitStack:
    def __init__(self):
        self._exits = []
    def __enter__(self):
        return self
    def enter_context(self, manager):
        value = manager.__enter__()
        self._exits.append(manager.__exit__)
        return value
    def callback(self, function, *args, **kwargs):
        self._exits.append(lambda *details: function(*args, **kwargs) and False)
        return function
    def push(self, exit):
        self._exits.append(exit.__exit__ if hasattr(exit, '__exit__') else exit)
        return exit
    def close(self):
        self.__exit__(None, None, None)
    def __exit__(self, type, value, traceback):
        swallowed = False
        while self._exits:
            if self._exits.pop()(type, value, traceback):
                swallowed = True
                type = value = traceback = None
        return swallowed
`,
);

export const abcModule = pythonModule(
  'abc',
  `
class ABCMeta(type):
    pass

class ABC:
    pass

def abstractmethod(function):
    function.__isabstractmethod__ = True
    return function

class abstractproperty(property):
    pass
`,
);
