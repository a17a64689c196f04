import { readFileSync } from 'node:fs';
import { scriptModules } from '../../src/engine/scriptModules';
import type { Host } from '../../src/script/objects/interpreter';
import { createInterpreter } from '../../src/script/runScript';

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
  const source = longScript(lines);
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    const begun = performance.now();
    const problems = createInterpreter({ source, fileName: 'long.py', host, modules: scriptModules }).preflight();
    times.push(performance.now() - begun);
    if (problems.length > 0) throw new Error(`the preflight refuses the benchmark: ${JSON.stringify(problems[0])}`);
  }
  return times.slice(20);
}
