import { pythonModule } from './pythonModule';

export const dataclassesModule = pythonModule(
  'dataclasses',
  `
class _Missing:
    def __repr__(self):
        return 'MISSING'

MISSING = _Missing()
KW_ONLY = object()

class FrozenInstanceError(AttributeError):
    pass

class Field:
    def __init__(self, default=MISSING, default_factory=MISSING, init=True, repr=True, compare=True, metadata=None, kw_only=False, hash=None):
        self.name = None
        self.type = None
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.compare = compare
        self.kw_only = kw_only
        self.metadata = metadata or {}

def field(*, default=MISSING, default_factory=MISSING, init=True, repr=True, hash=None, compare=True, metadata=None, kw_only=False):
    if default is not MISSING and default_factory is not MISSING:
        raise ValueError('cannot specify both default and default_factory')
    return Field(default, default_factory, init, repr, compare, metadata, kw_only, hash)

def _quote(names):
    names = [repr(name) for name in names]
    if len(names) <= 2:
        return ' and '.join(names)
    return ', '.join(names[:-1]) + ', and ' + names[-1]

def _make_init(cls, all_fields):
    wanted = [one for one in all_fields if one.init]
    positional = [one for one in wanted if not one.kw_only]
    label = cls.__qualname__ + '.__init__()'
    def __init__(self, *args, **kwargs):
        if len(args) > len(positional):
            required = len([one for one in positional if one.default is MISSING and one.default_factory is MISSING])
            count = len(positional) + 1
            span = str(count) if required + 1 == count else f'from {required + 1} to {count}'
            raise TypeError(f'{label} takes {span} positional arguments but {len(args) + 1} were given')
        given = dict(zip([one.name for one in positional], args))
        names = [one.name for one in wanted]
        for name, value in kwargs.items():
            if name not in names:
                raise TypeError(f"{label} got an unexpected keyword argument '{name}'")
            if name in given:
                raise TypeError(f"{label} got multiple values for argument '{name}'")
            given[name] = value
        missing = [one.name for one in wanted if one.name not in given and one.default is MISSING and one.default_factory is MISSING]
        if missing:
            plural = '' if len(missing) == 1 else 's'
            raise TypeError(f'{label} missing {len(missing)} required positional argument{plural}: {_quote(missing)}')
        for one in all_fields:
            if one.name in given:
                value = given[one.name]
            elif one.default_factory is not MISSING:
                value = one.default_factory()
            elif one.default is not MISSING:
                value = one.default
            else:
                continue
            object.__setattr__(self, one.name, value)
        if hasattr(self, '__post_init__'):
            self.__post_init__()
    return __init__

def _process(cls, init, repr_, eq, order, frozen, kw_only, unsafe_hash):
    collected = {}
    for base in reversed(cls.__mro__[1:]):
        for one in getattr(base, '__dataclass_fields__', {}).values():
            collected[one.name] = one
    only = kw_only
    for name in cls.__dict__.get('__annotations__', {}):
        if name == '_':
            only = True
            continue
        value = cls.__dict__.get(name, MISSING)
        if isinstance(value, Field):
            one = value
            if one.default is not MISSING:
                setattr(cls, name, one.default)
            else:
                delattr(cls, name)
        else:
            if isinstance(value, (list, dict, set)):
                raise ValueError(f"mutable default {type(value)} for field {name} is not allowed: use default_factory")
            one = Field(value)
        one.name = name
        one.kw_only = one.kw_only or only
        collected[name] = one
    cls.__dataclass_fields__ = collected
    all_fields = list(collected.values())
    seen = False
    for one in all_fields:
        if not one.init or one.kw_only:
            continue
        has_default = one.default is not MISSING or one.default_factory is not MISSING
        if seen and not has_default:
            raise TypeError(f"non-default argument {one.name!r} follows default argument")
        seen = seen or has_default
    own = cls.__dict__
    if init and '__init__' not in own:
        cls.__init__ = _make_init(cls, all_fields)
    if repr_ and '__repr__' not in own:
        shown = [one.name for one in all_fields if one.repr]
        cls.__repr__ = lambda self: type(self).__qualname__ + '(' + ', '.join([f'{name}={getattr(self, name)!r}' for name in shown]) + ')'
    compared = [one.name for one in all_fields if one.compare]
    def values(self):
        return tuple([getattr(self, name) for name in compared])
    if eq and '__eq__' not in own:
        cls.__eq__ = lambda self, other: values(self) == values(other) if type(self) is type(other) else NotImplemented
        if not frozen and not unsafe_hash:
            cls.__hash__ = None
    if order:
        cls.__lt__ = lambda self, other: values(self) < values(other) if type(self) is type(other) else NotImplemented
        cls.__le__ = lambda self, other: values(self) <= values(other) if type(self) is type(other) else NotImplemented
        cls.__gt__ = lambda self, other: values(self) > values(other) if type(self) is type(other) else NotImplemented
        cls.__ge__ = lambda self, other: values(self) >= values(other) if type(self) is type(other) else NotImplemented
    if frozen or unsafe_hash:
        cls.__hash__ = lambda self: hash(values(self))
    if frozen:
        def __setattr__(self, name, value):
            raise FrozenInstanceError(f'cannot assign to field {name!r}')
        def __delattr__(self, name):
            raise FrozenInstanceError(f'cannot delete field {name!r}')
        cls.__setattr__ = __setattr__
        cls.__delattr__ = __delattr__
    cls.__match_args__ = tuple([one.name for one in all_fields if one.init and not one.kw_only])
    return cls

def dataclass(cls=None, /, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False, frozen=False, match_args=True, kw_only=False, slots=False, weakref_slot=False):
    def wrap(made):
        return _process(made, init, repr, eq, order, frozen, kw_only, unsafe_hash)
    return wrap if cls is None else wrap(cls)

def fields(target):
    if not hasattr(target, '__dataclass_fields__'):
        raise TypeError('must be called with a dataclass type or instance')
    return tuple(target.__dataclass_fields__.values())

def is_dataclass(target):
    return hasattr(target, '__dataclass_fields__')

def _convert(value, factory):
    if hasattr(value, '__dataclass_fields__') and not isinstance(value, type):
        return factory([(one.name, _convert(getattr(value, one.name), factory)) for one in fields(value)])
    if isinstance(value, list):
        return [_convert(item, factory) for item in value]
    if isinstance(value, tuple):
        return tuple([_convert(item, factory) for item in value])
    if isinstance(value, dict):
        return {key: _convert(item, factory) for key, item in value.items()}
    return value

def asdict(target, *, dict_factory=dict):
    if not is_dataclass(target) or isinstance(target, type):
        raise TypeError('asdict() should be called on dataclass instances')
    return _convert(target, dict_factory)

def astuple(target):
    return tuple([getattr(target, one.name) for one in fields(target)])

def replace(target, /, **changes):
    for one in fields(target):
        if one.init and one.name not in changes:
            changes[one.name] = getattr(target, one.name)
    return type(target)(**changes)
`,
);
