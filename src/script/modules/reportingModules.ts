import { pythonModule } from './pythonModule';

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
