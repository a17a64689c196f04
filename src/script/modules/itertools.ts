import { pythonModule } from './pythonModule';

/** `itertools` as generator functions. */
export const itertoolsModule = pythonModule(
  'itertools',
  `
def count(start=0, step=1):
    while True:
        yield start
        start += step

def cycle(iterable):
    saved = []
    for item in iterable:
        saved.append(item)
        yield item
    while saved:
        for item in saved:
            yield item

def repeat(object, times=None):
    if times is None:
        while True:
            yield object
    for _ in range(times):
        yield object

class chain:
    def __init__(self, *iterables):
        self._source = (item for iterable in iterables for item in iterable)
    def __iter__(self):
        return self
    def __next__(self):
        return next(self._source)
    @classmethod
    def from_iterable(cls, iterables):
        made = cls()
        made._source = (item for iterable in iterables for item in iterable)
        return made

def islice(iterable, *args):
    bounds = slice(*args)
    start = bounds.start or 0
    stop = bounds.stop
    step = bounds.step or 1
    if stop is not None and stop <= start and start == 0:
        return
    iterator = iter(iterable)
    index = 0
    wanted = start
    while stop is None or index < stop:
        try:
            item = next(iterator)
        except StopIteration:
            return
        if index == wanted:
            yield item
            wanted += step
        index += 1
        if stop is not None and wanted >= stop:
            return

def takewhile(predicate, iterable):
    for item in iterable:
        if not predicate(item):
            return
        yield item

def dropwhile(predicate, iterable):
    iterator = iter(iterable)
    for item in iterator:
        if not predicate(item):
            yield item
            break
    for item in iterator:
        yield item

def filterfalse(predicate, iterable):
    for item in iterable:
        if not (item if predicate is None else predicate(item)):
            yield item

def compress(data, selectors):
    return (item for item, keep in zip(data, selectors) if keep)

def starmap(function, iterable):
    for args in iterable:
        yield function(*args)

def accumulate(iterable, func=None, *, initial=None):
    iterator = iter(iterable)
    total = initial
    if initial is None:
        try:
            total = next(iterator)
        except StopIteration:
            return
    yield total
    for item in iterator:
        total = total + item if func is None else func(total, item)
        yield total

def pairwise(iterable):
    iterator = iter(iterable)
    try:
        previous = next(iterator)
    except StopIteration:
        return
    for item in iterator:
        yield previous, item
        previous = item

def zip_longest(*iterables, fillvalue=None):
    iterators = [iter(iterable) for iterable in iterables]
    marker = object()
    while True:
        row = [next(iterator, marker) for iterator in iterators]
        if all(item is marker for item in row):
            return
        yield tuple(fillvalue if item is marker else item for item in row)

def product(*iterables, repeat=1):
    pools = [tuple(pool) for pool in iterables] * repeat
    def walk(index):
        if index == len(pools):
            yield ()
            return
        for item in pools[index]:
            for rest in walk(index + 1):
                yield (item,) + rest
    return walk(0)

def permutations(iterable, r=None):
    pool = tuple(iterable)
    r = len(pool) if r is None else r
    def walk(chosen):
        if len(chosen) == r:
            yield tuple(pool[i] for i in chosen)
            return
        for i in range(len(pool)):
            if i not in chosen:
                yield from walk(chosen + (i,))
    return walk(())

def combinations(iterable, r):
    pool = tuple(iterable)
    def walk(start, left):
        if left == 0:
            yield ()
            return
        for i in range(start, len(pool) - left + 1):
            for rest in walk(i + 1, left - 1):
                yield (pool[i],) + rest
    return walk(0, r)

def combinations_with_replacement(iterable, r):
    pool = tuple(iterable)
    def walk(start, left):
        if left == 0:
            yield ()
            return
        for i in range(start, len(pool)):
            for rest in walk(i, left - 1):
                yield (pool[i],) + rest
    return walk(0, r)

def groupby(iterable, key=None):
    group = []
    last = None
    for item in iterable:
        mark = item if key is None else key(item)
        if group and mark != last:
            yield last, iter(group)
            group = []
        last = mark
        group.append(item)
    if group:
        yield last, iter(group)

def tee(iterable, n=2):
    items = list(iterable)
    return tuple(iter(items) for _ in range(n))

def batched(iterable, n):
    iterator = iter(iterable)
    while batch := tuple(islice(iterator, n)):
        yield batch
`,
);
