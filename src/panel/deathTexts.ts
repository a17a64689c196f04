import * as vscode from 'vscode';
import type { DeathCause } from './deathCause';

/** @param how the signal or the exit code that the engine's process ended with */
export function deathText(how: string, cause: DeathCause | null): string {
  const ended = vscode.l10n.t("The engine's process has ended ({0}).", how);
  const why = cause && causeText(cause);
  return why === null ? ended : `${ended} ${why}`;
}

function causeText(cause: DeathCause): string {
  switch (cause.kind) {
    case 'platform':
      return vscode.l10n.t(
        'Gradstep has no ONNX Runtime for {0}. It runs on win32-x64, win32-arm64, linux-x64, linux-arm64 and darwin-arm64.',
        cause.platform,
      );
    case 'library':
      return vscode.l10n.t('The system library {0} is missing: install it, then recover.', cause.library);
    case 'version':
      return vscode.l10n.t('ONNX Runtime needs {0}, which this system is too old for.', cause.version);
    case 'visualC':
      return vscode.l10n.t(
        'The Visual C++ Redistributable (2019 or later) is missing: install it from {0}, then recover.',
        'https://aka.ms/vs/17/release/vc_redist.x64.exe',
      );
    case 'memory':
      return vscode.l10n.t('It ran out of memory. A smaller history budget or batch may help.');
  }
}
