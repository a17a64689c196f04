import type { ChildProcess } from 'node:child_process';
import type { Browser, LaunchOptions } from 'playwright-core';

export interface RigServer {
  port: number;
  dataFolder: string;
  process: ChildProcess;
  changeSettings(changes: Record<string, unknown>): void;
  log(): string;
  stop(): Promise<void>;
}

export interface WorkbenchTarget {
  /** Absolute. */
  folder: string;
  file?: string | null;
  /** Folders of extensions under development. */
  extensions?: string[];
  /** A module with `run()` for the extension host. */
  tests?: string | null;
}

export const rigFolder: string;
export function setUpServer(say?: (line: string) => void): void;
export function setUpChromium(say?: (line: string) => void): string;
export function startServer(options?: {
  settings?: Record<string, unknown>;
  vsix?: string | null;
  helper?: string | null;
  env?: Record<string, string>;
  userDataFolder?: string | null;
}): Promise<RigServer>;
export function workbenchAddress(server: RigServer, target: WorkbenchTarget): string;
export function launchBrowser(options?: LaunchOptions): Promise<Browser>;
export function findDesktop(): string | null;
