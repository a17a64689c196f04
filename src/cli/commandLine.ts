import { GradstepError } from '../common/errors';

export const usage = `usage: gradstep trace SCRIPT.py [options]
  --events N|all     stop after N training events (61)
  --out FILE         write the trace as JSON lines instead of a table
  --data DIR         where the data sets are
  --graphs DIR       write every ONNX graph there
  --device DEVICE    cpu, cuda or auto (cpu)
  --threads N        threads inside one operator
  --run              run fused, as "continue" does, instead of stepping`;

export interface TraceCommand {
  script: string;
  /** Infinity for `all`. */
  events: number;
  out: string | null;
  dataFolder: string | null;
  graphFolder: string | null;
  device: 'cpu' | 'cuda' | 'auto';
  threads: number;
  run: boolean;
}

/** @throws GradstepError `cli.usage` */
export function parseCommandLine(words: readonly string[]): TraceCommand {
  const command: TraceCommand = {
    script: '',
    events: 61,
    out: null,
    dataFolder: null,
    graphFolder: null,
    device: 'cpu',
    threads: 0,
    run: false,
  };
  const rest = words.flatMap((word) => (/^--\w+=/.test(word) ? splitOnce(word) : [word]));
  if (rest[0] === 'trace') rest.shift();
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (!word.startsWith('-')) {
      if (command.script !== '') throw usageError(`one script at a time: ${command.script} and ${word}`);
      command.script = word;
      continue;
    }
    const option = optionTable[word];
    if (!option) throw usageError(`unknown option ${word}`);
    if (option.flag) {
      option.set(command, '');
      continue;
    }
    const value = rest.shift();
    if (value === undefined) throw usageError(`${word} needs a value`);
    option.set(command, value);
  }
  if (command.script === '') throw usageError('which script?');
  return command;
}

interface OptionRow {
  flag?: boolean;
  set: (command: TraceCommand, value: string) => void;
}

const optionTable: Readonly<Record<string, OptionRow>> = {
  '--events': {
    set: (command, value) => {
      command.events = value === 'all' ? Infinity : positiveInteger('--events', value);
    },
  },
  '--out': { set: (command, value) => (command.out = value) },
  '--data': { set: (command, value) => (command.dataFolder = value) },
  '--graphs': { set: (command, value) => (command.graphFolder = value) },
  '--device': {
    set: (command, value) => {
      if (value !== 'cpu' && value !== 'cuda' && value !== 'auto')
        throw usageError(`--device ${value}: cpu, cuda or auto`);
      command.device = value;
    },
  },
  '--threads': { set: (command, value) => (command.threads = positiveInteger('--threads', value)) },
  '--run': { flag: true, set: (command) => (command.run = true) },
};

function splitOnce(word: string): string[] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function positiveInteger(option: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || !Number.isSafeInteger(number)) {
    throw usageError(`${option} ${value}: a whole number from 1 on`);
  }
  return number;
}

function usageError(message: string): GradstepError {
  return new GradstepError(message, { code: 'cli.usage' });
}
