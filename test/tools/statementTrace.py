"""Runs a training script under real PyTorch and CPython, and writes one JSON line for each moment of it.

usage: statementTrace.py SCRIPT --out FILE [--moments N] [--data DIR]

A moment is what a debugger may rest at: a statement that is about to run, an event of the training loop that has just
happened, a layer of a forward or backward, a parameter of a step. Statements come from CPython's own line events;
what CPython reports and what counts as a statement here differ in these points:

- continuation lines, decorators and the lines of a `case` belong to their statement; `try`, `except`, `else`,
  `finally`, docstrings, `global` and annotations without a value are none
- what CPython comes back to is none: a `with` when it is left, a `class` when it is made, a `return` after a `finally`
- statements of a class's body belong to the frame around it
- lists, sets and dictionaries that are comprehended have no frame of their own

`values` has what has changed since the statement before of the same `frame`: finite numbers, truth values, short texts
and tensors of no dimension, but no times of the clock; null stands for what is no such value any more. `lr` and
`parameters` (their sums) are there where they are new.
The last line says how it ended: {"end": "finished"}, {"end": "cut"} or {"end": "ValueError: ...", "line": 3}.
"""
import argparse
import ast
import contextlib
import dis
import io
import json
import math
import os
import platform
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'torchvision_stub'))
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.optimizer import register_optimizer_step_post_hook

LOSSES = nn.modules.loss._Loss
HEADERS_WITHOUT_EVENT = (ast.Try, ast.Global, ast.Nonlocal)
COMPREHENSIONS = ('<listcomp>', '<setcomp>', '<dictcomp>')
RETURNS = ('RETURN_VALUE', 'RETURN_CONST')


class Cut(BaseException):
    """The asked-for number of moments is reached."""


class ClockTime(float):
    """A time, or the difference of two: another one whenever a script is run."""

    def __sub__(self, other):
        return ClockTime(float(self) - float(other))


def mark_clocks():
    for name in ('time', 'perf_counter', 'monotonic', 'process_time'):
        clock = getattr(time, name)
        setattr(time, name, lambda clock=clock: ClockTime(clock()))


def significant(value):
    """Nine significant digits: a float32 survives them."""
    return float(f'{value:.9g}') if isinstance(value, float) else value


class Statements:
    """Which statement of a code object a line belongs to."""

    def __init__(self, source):
        self.scopes = {}
        tree = ast.parse(source)
        self.scopes['<module>', 1] = self.lines(tree.body)
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                around = (node,) if isinstance(node, ast.ClassDef) else ()
                self.scopes[node.name, first] = self.lines(node.body, around)

    def lines(self, body, around=()):
        found = {}
        self.add(body, around, found)
        return found

    def add(self, body, around, found):
        for node in body:
            inner = [getattr(node, name, []) for name in ('body', 'orelse', 'finalbody')]
            inner += [part.body for part in [*getattr(node, 'handlers', []), *getattr(node, 'cases', [])]]
            first = min([node.lineno, *(d.lineno for d in getattr(node, 'decorator_list', []))])
            for line in range(first, node.end_lineno + 1):
                found[line] = (node, around)
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                continue
            for part in inner:
                self.add(part, (*around, node), found)
            for handler in getattr(node, 'handlers', []):
                for line in range(handler.lineno, handler.body[0].lineno):
                    found[line] = (None, around)

    def at(self, frame):
        """The statement at a frame's line and the statements around it."""
        lines = self.scopes.get((frame.f_code.co_name, frame.f_code.co_firstlineno), {})
        return lines.get(frame.f_lineno, (None, ()))


def is_class_body(frame):
    code = frame.f_code
    return not code.co_flags & 0x2 and code.co_name != '<module>'


class Recording:
    def __init__(self, script, out, limit):
        self.script, self.out, self.limit = script, out, limit
        with open(script) as file:
            self.source = file.read()
        self.statements = Statements(self.source)
        self.globals = {'__name__': '__main__', '__file__': script}
        self.current = {}
        self.around = {}
        self.shown = {}
        self.frames = {}
        self.lr = None
        self.parameters = None
        self.count = 0

    def write(self, kind, line, depth, name, **more):
        record = {'kind': kind, 'line': line, 'depth': depth, 'name': name}
        record.update((key, value) for key, value in more.items() if value not in ({}, None))
        self.out.write(json.dumps(record) + '\n')
        self.count += 1
        if self.limit and self.count >= self.limit:
            sys.settrace(None)
            raise Cut

    # Statements

    def trace(self, frame, event, _argument):
        if frame.f_code.co_filename != self.script:
            return None
        name = frame.f_code.co_name
        if name.startswith('<') and name != '<module>':
            return None
        return self.trace_lines

    def trace_lines(self, frame, event, _argument):
        if event == 'line':
            self.line(frame)
        return self.trace_lines

    def line(self, frame):
        statement, around = self.statements.at(frame)
        if statement is None or isinstance(statement, HEADERS_WITHOUT_EVENT):
            return
        if isinstance(statement, ast.AnnAssign) and statement.value is None:
            return
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return
        owner = frame
        while is_class_body(owner):
            owner = owner.f_back
        previous = self.current.get(owner)
        if statement is previous or self.comes_back(frame, statement, self.around.get(owner, ())):
            return
        if owner not in self.current:
            self.frames[owner] = len(self.frames)
        self.current[owner], self.around[owner] = statement, around
        depth, name = self.place(owner)
        values = {} if owner is not frame else self.changed_values(owner)
        frame = self.frames[owner]
        self.write('statement', statement.lineno, depth, name, frame=frame, values=values, **self.training_values())

    def comes_back(self, frame, statement, around):
        if isinstance(statement, (ast.With, ast.ClassDef)):
            return statement in around
        if isinstance(statement, ast.Return):
            return self.operation(frame) in RETURNS and statement.value is not None
        return False

    def operation(self, frame):
        return dis.opname[frame.f_code.co_code[frame.f_lasti]]

    def place(self, frame):
        """Depth and function of a frame of the script."""
        name = frame.f_code.co_name
        depth = 0
        while frame:
            code = frame.f_code
            if code.co_filename == self.script and code.co_name not in COMPREHENSIONS and not is_class_body(frame):
                depth += 1
            frame = frame.f_back
        return depth, name

    def innermost(self):
        frame = sys._getframe(1)
        while frame and (frame.f_code.co_filename != self.script or is_class_body(frame)):
            frame = frame.f_back
        return frame

    def changed_values(self, frame):
        code = frame.f_code
        own = None if code.co_name == '<module>' else {*code.co_varnames, *code.co_cellvars}
        values = {}
        for name, value in frame.f_locals.items():
            if name.startswith('__') or (own is not None and name not in own):
                continue
            if isinstance(value, torch.Tensor) and value.dim() == 0:
                value = value.item()
            is_clock = isinstance(value, ClockTime)
            is_number = isinstance(value, (bool, int, float)) and math.isfinite(value) and not is_clock
            if is_number or (isinstance(value, str) and len(value) <= 40):
                values[name] = significant(value)
        before = self.shown.get(frame, {})
        self.shown[frame] = values
        changed = {k: v for k, v in values.items() if k not in before or before[k] != v or type(before[k]) is not type(v)}
        changed.update((k, None) for k in before if k not in values)
        return changed

    def training_values(self):
        more = {}
        lr = [float(g['lr']) for o in self.of_type(torch.optim.Optimizer) for g in o.param_groups]
        if lr != self.lr:
            more['lr'] = self.lr = lr
        with torch.no_grad():
            sums = {name: significant(p.double().sum().item()) for name, p in self.named_parameters()}
        if sums != self.parameters:
            more['parameters'] = self.parameters = sums
        return more

    def of_type(self, kind):
        return [v for v in list(self.globals.values()) if isinstance(v, kind)]

    def named_parameters(self):
        named = {}
        for model in self.of_type(nn.Module):
            for name, parameter in model.named_parameters():
                if name not in named and not isinstance(model, LOSSES):
                    named[name] = parameter
        return named.items()

    # Events, layers, parameters

    def event(self, phase):
        frame = self.innermost()
        depth, _ = self.place(frame)
        self.write('event', frame.f_lineno, depth + 1, phase, **self.training_values())

    def layer(self, path, direct):
        frame = self.innermost()
        depth, _ = self.place(frame)
        self.write('layer', frame.f_lineno, depth + (2 if direct else 1), path)

    def parameter(self, name):
        frame = self.innermost()
        depth, _ = self.place(frame)
        self.write('parameter', frame.f_lineno, depth + 2, name)

    def is_direct(self, ignored):
        """Whether the script itself called the torch function in whose stead this tool's was called."""
        frame = sys._getframe(ignored)
        while frame and frame.f_code.co_filename == __file__:
            frame = frame.f_back
        return frame is not None and frame.f_code.co_filename == self.script


def watch_torch(recording):
    depth, paths, direct, graded = 0, {}, False, []
    original_call = nn.Module.__call__

    def is_native(module):
        return type(module).forward.__module__.startswith('torch.')

    def is_layer(module, result):
        native = is_native(module) and not any(True for _ in module.children())
        return native and isinstance(result, torch.Tensor) and not isinstance(module, LOSSES)

    def call(self, *args, **keywords):
        nonlocal depth, paths, direct
        outermost = depth == 0
        if outermost:
            paths = {module: path for path, module in self.named_modules() if path}
            direct = is_native(self)
        depth += 1
        try:
            result = original_call(self, *args, **keywords)
        finally:
            depth -= 1
        if is_layer(self, result):
            path = paths.get(self, type(self).__name__)
            if result.requires_grad:
                result.register_hook(lambda _: graded.append(path))
            recording.layer(path, direct)
        if outermost and isinstance(self, LOSSES):
            recording.event('loss')
        elif outermost and isinstance(result, torch.Tensor) and any(True for _ in self.parameters()):
            recording.event('forward')
        return result

    nn.Module.__call__ = call

    def loss_function(original):
        def function(*args, **keywords):
            result = original(*args, **keywords)
            if depth == 0:
                recording.event('loss')
            return result
        return function

    for name in ('cross_entropy', 'mse_loss', 'nll_loss', 'l1_loss'):
        setattr(F, name, loss_function(getattr(F, name)))
    original_backward = torch.Tensor.backward

    def backward(self, *args, **keywords):
        graded.clear()
        original_backward(self, *args, **keywords)
        recording.event('backward')
        for path in graded:
            recording.layer(path, True)

    torch.Tensor.backward = backward
    original_zero = torch.optim.Optimizer.zero_grad

    def zero_grad(self, *args, **keywords):
        original_zero(self, *args, **keywords)
        recording.event('zero_grad')

    torch.optim.Optimizer.zero_grad = zero_grad
    original_module_zero = nn.Module.zero_grad

    def module_zero_grad(self, *args, **keywords):
        original_module_zero(self, *args, **keywords)
        if recording.is_direct(1):
            recording.event('zero_grad')

    nn.Module.zero_grad = module_zero_grad

    def stepped(optimizer, *_):
        names = {parameter: name for name, parameter in recording.named_parameters()}
        recording.event('step')
        for group in optimizer.param_groups:
            for parameter in group['params']:
                if parameter.grad is not None:
                    recording.parameter(names.get(parameter, ''))

    register_optimizer_step_post_hook(stepped)

    def scheduler_step(original):
        def step(self, *args, **keywords):
            is_direct = recording.is_direct(1)
            original(self, *args, **keywords)
            if is_direct:
                recording.event('scheduler_step')
        return step

    for scheduler in list(vars(torch.optim.lr_scheduler).values()):
        if isinstance(scheduler, type) and issubclass(scheduler, torch.optim.lr_scheduler.LRScheduler):
            if 'step' in scheduler.__dict__:
                scheduler.step = scheduler_step(scheduler.__dict__['step'])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('script')
    parser.add_argument('--out', required=True)
    parser.add_argument('--moments', type=int, default=0)
    parser.add_argument('--data')
    options = parser.parse_args()
    if options.data:
        os.environ['PARITY_DATA'] = os.path.abspath(options.data)
    torch.set_num_threads(1)
    with open(options.out, 'w') as out:
        recording = Recording(os.path.abspath(options.script), out, options.moments)
        out.write(json.dumps({'python': platform.python_version(), 'torch': torch.__version__}) + '\n')
        watch_torch(recording)
        mark_clocks()
        code = compile(recording.source, recording.script, 'exec')
        end = {'end': 'finished'}
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                sys.settrace(recording.trace)
                try:
                    exec(code, recording.globals)
                finally:
                    sys.settrace(None)
        except Cut:
            end = {'end': 'cut'}
        except Exception as error:
            frames = []
            traceback = error.__traceback__
            while traceback:
                if traceback.tb_frame.f_code.co_filename == recording.script:
                    frames.append(traceback.tb_lineno)
                traceback = traceback.tb_next
            end = {'end': f'{type(error).__name__}: {error}', 'line': frames[-1] if frames else None}
        out.write(json.dumps(end) + '\n')


main()
