/** Why an engine could not live, as far as the last words on its stderr tell. */
export type DeathCause =
  /** There is no ONNX Runtime for this system: `win32-ia32`. */
  | { kind: 'platform'; platform: string }
  /** A shared library of the system's is missing: `libstdc++.so.6`. */
  | { kind: 'library'; library: string }
  /** The system's C library is too old: `GLIBC_2.28`. */
  | { kind: 'version'; version: string }
  /** Windows says no more than that some DLL is missing: it is Visual C++'s. */
  | { kind: 'visualC' }
  | { kind: 'memory' };

/** What systems say of a native file that is for another one, or not there. */
const foreignBinary =
  /Cannot find module .*onnxruntime_binding\.node|invalid ELF header|not a valid Win32 application|(?:incompatible|wrong) architecture|not a mach-o file/i;

/** @returns null where its words are all there is to say */
export function deathCause(stderr: string, platform: string): DeathCause | null {
  const version = /version [`'"](GLIBC(?:XX)?_[\d.]+)['"`] not found/.exec(stderr)?.[1];
  if (version !== undefined) return { kind: 'version', version };
  const library = /(\S+\.(?:so[.\d]*|dylib)): cannot open shared object file/.exec(stderr)?.[1];
  if (library !== undefined) return { kind: 'library', library };
  const dylib = /Library not loaded: (\S+)/.exec(stderr)?.[1];
  if (dylib !== undefined) return { kind: 'library', library: dylib };
  if (foreignBinary.test(stderr)) return { kind: 'platform', platform };
  if (/The specified module could not be found/.test(stderr)) return { kind: 'visualC' };
  if (/heap out of memory|ERR_WORKER_OUT_OF_MEMORY/.test(stderr)) return { kind: 'memory' };
  return null;
}
