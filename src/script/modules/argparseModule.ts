import { pythonModule } from './pythonModule';

/** `argparse`: a script has no command line here, so `parse_args()` gives the defaults. */
export const argparseModule = pythonModule(
  'argparse',
  `
SUPPRESS = '==SUPPRESS=='

class ArgumentError(Exception):
    pass

class ArgumentTypeError(Exception):
    pass

class HelpFormatter:
    pass

class ArgumentDefaultsHelpFormatter(HelpFormatter):
    pass

class RawTextHelpFormatter(HelpFormatter):
    pass

class RawDescriptionHelpFormatter(HelpFormatter):
    pass

class BooleanOptionalAction:
    pass

class Namespace:
    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)
    def __eq__(self, other):
        return isinstance(other, Namespace) and vars(self) == vars(other)
    def __contains__(self, name):
        return name in self.__dict__
    def __repr__(self):
        return 'Namespace(' + ', '.join([f'{name}={value!r}' for name, value in self.__dict__.items()]) + ')'

class _Argument:
    def __init__(self, flags, action, nargs, const, default, type, choices, required, dest):
        self.flags = flags
        self.action = action
        self.nargs = nargs
        self.const = const
        self.default = default
        self.type = type
        self.choices = choices
        self.required = required
        self.optional = flags[0].startswith('-')
        if dest is None:
            long = [flag for flag in flags if flag.startswith('--')]
            dest = (long or flags)[0].lstrip('-').replace('-', '_') if self.optional else flags[0]
        self.dest = dest

class ArgumentParser:
    def __init__(self, prog=None, usage=None, description=None, epilog=None, parents=(), formatter_class=None, prefix_chars='-', fromfile_prefix_chars=None, argument_default=None, conflict_handler='error', add_help=True, allow_abbrev=True, exit_on_error=True):
        self.prog = prog
        self.description = description
        self._arguments = []
        self._defaults = {}
        for parent in parents:
            self._arguments.extend(parent._arguments)
    def add_argument(self, *flags, action='store', nargs=None, const=None, default=None, type=None, choices=None, required=False, help=None, metavar=None, dest=None, version=None):
        if action == 'store_true':
            default = False if default is None else default
            const = True
        elif action == 'store_false':
            default = True if default is None else default
            const = False
        elif action in ('help', 'version'):
            return None
        made = _Argument(flags, action, nargs, const, default, type, choices, required, dest)
        self._arguments.append(made)
        return made
    def add_argument_group(self, *args, **kwargs):
        return self
    def add_mutually_exclusive_group(self, **kwargs):
        return self
    def set_defaults(self, **kwargs):
        self._defaults.update(kwargs)
    def get_default(self, dest):
        for argument in self._arguments:
            if argument.dest == dest:
                return argument.default
        return self._defaults.get(dest)
    def error(self, message):
        raise SystemExit(message)
    def print_help(self, file=None):
        print(f'usage: {self.prog or "script"}')
    def _convert(self, argument, text):
        value = argument.type(text) if argument.type is not None else text
        if argument.choices is not None and value not in argument.choices:
            options = ', '.join([repr(choice) for choice in argument.choices])
            self.error(f"argument {'/'.join(argument.flags)}: invalid choice: {value!r} (choose from {options})")
        return value
    def parse_known_args(self, args=None, namespace=None):
        result = namespace if namespace is not None else Namespace()
        for argument in self._arguments:
            if argument.default is SUPPRESS or hasattr(result, argument.dest):
                continue
            value = argument.default
            if isinstance(value, str) and argument.type is not None:
                value = argument.type(value)
            setattr(result, argument.dest, value)
        for name, value in self._defaults.items():
            setattr(result, name, value)
        words = list(args) if args is not None else []
        given = set()
        unknown = []
        positional = [argument for argument in self._arguments if not argument.optional]
        while words:
            word = words.pop(0)
            flag, equals, inline = word.partition('=')
            found = [argument for argument in self._arguments if flag in argument.flags and argument.optional]
            if not found and word.startswith('-') and not word.lstrip('-').replace('.', '').isdigit():
                unknown.append(word)
                continue
            if not found:
                if not positional:
                    unknown.append(word)
                    continue
                argument = positional.pop(0)
                words.insert(0, word)
            else:
                argument = found[0]
            given.add(argument.dest)
            if argument.action in ('store_true', 'store_false', 'store_const'):
                setattr(result, argument.dest, argument.const)
            elif argument.action == 'count':
                setattr(result, argument.dest, (getattr(result, argument.dest) or 0) + 1)
            elif argument.nargs in ('*', '+') or isinstance(argument.nargs, int):
                values = []
                while words and not words[0].startswith('--') and (not isinstance(argument.nargs, int) or len(values) < argument.nargs):
                    values.append(self._convert(argument, words.pop(0)))
                setattr(result, argument.dest, values)
            else:
                if not equals and not words:
                    self.error(f"argument {'/'.join(argument.flags)}: expected one argument")
                value = self._convert(argument, inline if equals else words.pop(0))
                if argument.action == 'append':
                    value = [*(getattr(result, argument.dest) or []), value]
                setattr(result, argument.dest, value)
        missing = ['/'.join(argument.flags) for argument in self._arguments if argument.required and argument.dest not in given]
        missing += [argument.dest for argument in positional if argument.default is None and argument.nargs not in ('?', '*')]
        if missing:
            self.error('the following arguments are required: ' + ', '.join(missing))
        return result, unknown
    def parse_args(self, args=None, namespace=None):
        result, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self.error('unrecognized arguments: ' + ' '.join(unknown))
        return result
`,
);
