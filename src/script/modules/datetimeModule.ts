import { nativeFunction } from '../objects/native';
import { strftime } from './system';
import { pythonModule } from './pythonModule';

export const datetimeModule = pythonModule(
  'datetime',
  `
class timedelta:
    def __init__(self, days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0):
        total = round(((weeks * 7 + days) * 86400 + hours * 3600 + minutes * 60 + seconds) * 1000000 + milliseconds * 1000 + microseconds)
        self.days, rest = divmod(total, 86400000000)
        self.seconds, self.microseconds = divmod(rest, 1000000)
    def total_seconds(self):
        return (self.days * 86400 + self.seconds) + self.microseconds / 1000000
    def __add__(self, other):
        return timedelta(self.days + other.days, self.seconds + other.seconds, self.microseconds + other.microseconds)
    def __sub__(self, other):
        return timedelta(self.days - other.days, self.seconds - other.seconds, self.microseconds - other.microseconds)
    def __mul__(self, factor):
        return timedelta(seconds=self.total_seconds() * factor)
    def __truediv__(self, other):
        if isinstance(other, timedelta):
            return self.total_seconds() / other.total_seconds()
        return timedelta(seconds=self.total_seconds() / other)
    def __eq__(self, other):
        return isinstance(other, timedelta) and self.total_seconds() == other.total_seconds()
    def __lt__(self, other):
        return self.total_seconds() < other.total_seconds()
    def __str__(self):
        minutes, seconds = divmod(self.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        text = f'{hours}:{minutes:02d}:{seconds:02d}'
        if self.days:
            text = f"{self.days} day{'' if abs(self.days) == 1 else 's'}, " + text
        return text + (f'.{self.microseconds:06d}' if self.microseconds else '')

class date:
    pass

class datetime(date):
    def __init__(self, timestamp):
        self._timestamp = timestamp
    @classmethod
    def now(cls, tz=None):
        return cls(_now())
    @classmethod
    def utcnow(cls):
        return cls(_now())
    @classmethod
    def today(cls):
        return cls(_now())
    @classmethod
    def fromtimestamp(cls, timestamp, tz=None):
        return cls(timestamp)
    def timestamp(self):
        return self._timestamp
    def strftime(self, format):
        return _strftime(format, self._timestamp)
    def isoformat(self, sep='T'):
        return self.strftime('%Y-%m-%d') + sep + self.strftime('%H:%M:%S.%f')
    def __str__(self):
        return self.isoformat(' ')
    def __format__(self, format):
        return self.strftime(format) if format else str(self)
    def __sub__(self, other):
        if isinstance(other, datetime):
            return timedelta(seconds=self._timestamp - other._timestamp)
        return datetime(self._timestamp - other.total_seconds())
    def __add__(self, other):
        return datetime(self._timestamp + other.total_seconds())
    def __lt__(self, other):
        return self._timestamp < other._timestamp
    def __eq__(self, other):
        return isinstance(other, datetime) and self._timestamp == other._timestamp
    year = property(lambda self: int(self.strftime('%Y')))
    month = property(lambda self: int(self.strftime('%m')))
    day = property(lambda self: int(self.strftime('%d')))
    hour = property(lambda self: int(self.strftime('%H')))
    minute = property(lambda self: int(self.strftime('%M')))
    second = property(lambda self: int(self.strftime('%S')))
`,
  (interpreter) => ({
    _now: nativeFunction('_now', '', () => interpreter.host.now()),
    _strftime: nativeFunction('_strftime', 'format, timestamp', (args) =>
      strftime(args.string('format'), new Date(args.float('timestamp') * 1000)),
    ),
  }),
);
