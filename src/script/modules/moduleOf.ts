import type { PyModule } from '../objects/functions';
import { PyModule as Module } from '../objects/functions';
import type { ModuleRow } from '../objects/interpreter';
import type { FunctionBody } from '../objects/native';
import { nativeFunction } from '../objects/native';
import type { PyValue } from '../objects/value';

export type FunctionRows = Record<string, readonly [signature: string, body: FunctionBody]>;

/** Native functions from rows. */
export function functionsOf(rows: FunctionRows): Record<string, PyValue> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, [signature, body]]) => [name, nativeFunction(name, signature, body)]),
  );
}

/** A module without state of its own: functions and constants. */
export function plainModule(name: string, rows: FunctionRows, constants: Record<string, PyValue> = {}): ModuleRow {
  return { name, build: (): PyModule => new Module(name, { ...constants, ...functionsOf(rows) }) };
}
