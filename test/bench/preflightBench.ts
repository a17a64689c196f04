import { readFileSync } from 'node:fs';
import type { StartOptions } from '../../src/common/engineContract';
import { Tape } from '../../src/core/tensor/tape';
import { createProgram } from '../../src/engine/program';
import { OrtRuntime } from '../../src/runtime/ortRuntime';
import type { Host } from '../../src/script/objects/interpreter';

const host: Host = {
  print: () => undefined,
  warn: () => undefined,
  progress: () => undefined,
  interrupted: () => false,
  now: () => 0,
  environment: new Map(),
};

/** The lines of real training scripts, one after the other, cut at `lines`. */
function longScript(lines: number): string {
  const names = [
    '01_cifar_sgd',
    '03_steplr',
    '08_lenet_tutorial',
    '06_adam_two_variables',
    '07_adam_shuffle',
    '02_official_loop_momentum',
  ];
  const all = names.flatMap((name) => readFileSync(`test/fixtures/traces/${name}.py`, 'utf8').trimEnd().split('\n'));
  return all.slice(0, lines).join('\n') + '\n';
}

/** Milliseconds of warm preflights, the parse included. */
export function measurePreflight(lines: number): number[] {
  const options: StartOptions = {
    source: longScript(lines),
    fileName: '/long.py',
    device: 'cpu',
    threads: 1,
    dataFolder: null,
    mode: 'stepping',
    goal: { kind: 'next' },
  };
  const tape = new Tape(new OrtRuntime({ device: 'cpu', threads: 1 }));
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    const begun = performance.now();
    const program = createProgram({
      options,
      tape,
      host,
      device: 'cpu',
      recorder: { record: () => undefined },
      notice: () => undefined,
      onEpochEnd: () => undefined,
    });
    const problems = program.preflight();
    times.push(performance.now() - begun);
    if (problems.length > 0) throw new Error(`the preflight refuses the benchmark: ${JSON.stringify(problems[0])}`);
  }
  return times.slice(20);
}
