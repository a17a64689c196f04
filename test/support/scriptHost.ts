import { standardModules } from '../../src/script/modules/standardModules';
import type { Host, ModuleRow, ProgressReport } from '../../src/script/objects/interpreter';
import { createInterpreter, type ScriptInterpreter } from '../../src/script/runScript';

/** A host that keeps everything a script does to it. */
export interface RecordingHost extends Host {
  output: string;
  errors: string;
  warnings: { category: string; message: string; line: number }[];
  reports: ProgressReport[];
}

export function recordingHost(interrupted: () => boolean = () => false): RecordingHost {
  const host: RecordingHost = {
    output: '',
    errors: '',
    warnings: [],
    reports: [],
    print(text, stream) {
      if (stream === 'stdout') host.output += text;
      else host.errors += text;
    },
    warn: (category, message, line) => void host.warnings.push({ category, message, line }),
    progress: (report) => void host.reports.push(report),
    interrupted,
    now: () => 1_700_000_000,
    environment: new Map(),
  };
  return host;
}

/** An interpreter with Python's library and, if given, more modules. */
export function scriptOf(
  source: string,
  host: Host = recordingHost(),
  modules: readonly ModuleRow[] = [],
): ScriptInterpreter {
  return createInterpreter({ source, fileName: 'train.py', host, modules: [...standardModules, ...modules] });
}

/** Runs a script and gives what it printed. */
export function outputOf(source: string, modules: readonly ModuleRow[] = []): string {
  const host = recordingHost();
  scriptOf(source, host, modules).run();
  return host.output;
}
