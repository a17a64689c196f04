import * as vscode from 'vscode';
import { cudaText, ortVersion, type CudaProblem } from '../common/cudaProblem';
import { GradstepError } from '../common/errors';
import { checkCuda, cudaProcess, type CudaProcess } from '../engine/cudaCheck';
import { installedOrtFolder, shippedOrtFolder } from '../engine/cudaFolders';
import { findCudaPackage, installCuda, type CudaPackage } from '../engine/cudaInstall';
import { engineSettings } from '../panel/settings';

export interface CudaPlaces {
  /** The engine's bundle. */
  entry: string;
  /** The extension's folder for its own data. */
  store: string;
}

const megabyte = 1e6;
const megabytes = (bytes: number): string => (bytes / megabyte).toFixed(0);

/** Fetches ONNX Runtime's CUDA provider where it is missing, once the person has agreed, and says whether CUDA works. */
export async function installCudaProvider(places: CudaPlaces): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') throw cudaError({ kind: 'platform', platform });
  if (present(places).ortFolder === null) {
    const found = await findPackage();
    if (!(await agrees(found, places)) || !(await download(found, places))) return;
  }
  const problem = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Trying CUDA…') },
    () => checkCuda({ entry: places.entry, environment: present(places).environment }),
  );
  const installed = vscode.l10n.t('The CUDA provider of ONNX Runtime {0} is installed.', ortVersion);
  if (problem) {
    const { what, todo } = cudaText(problem, vscode.l10n);
    void vscode.window.showWarningMessage(`${installed} ${what} ${todo}`);
  } else void vscode.window.showInformationMessage(vscode.l10n.t('CUDA works: the next script can run on it.'));
}

/** As an engine would be started for the script in the editor. */
function present({ entry, store }: CudaPlaces): CudaProcess {
  const uri = vscode.window.activeTextEditor?.document.uri ?? vscode.workspace.workspaceFolders?.[0]?.uri;
  const given = engineSettings(uri ?? vscode.Uri.file(store)).cudaLibraryFolders ?? [];
  const scriptFolder = uri?.scheme === 'file' ? vscode.Uri.joinPath(uri, '..').fsPath : null;
  return cudaProcess({ entry, store, environment: process.env, scriptFolder, given });
}

async function findPackage(): Promise<CudaPackage> {
  const title = vscode.l10n.t('Asking for the size of the CUDA provider…');
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () => findCudaPackage());
}

async function agrees({ file, bytes }: CudaPackage, { store }: CudaPlaces): Promise<boolean> {
  const proceed = vscode.l10n.t('Download');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t("Download ONNX Runtime's CUDA provider {0} ({1} MB)?", ortVersion, megabytes(bytes)),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It comes from {0}, is checked with its SHA-512 and put into {1}. CUDA, cuDNN and the NVIDIA driver are not part of it.',
        new URL(file.url).host,
        installedOrtFolder(store),
      ),
    },
    proceed,
  );
  return answer === proceed;
}

/** Returns false when the person has cancelled it: what has arrived stays for the next time. */
async function download(found: CudaPackage, { entry, store }: CudaPlaces): Promise<boolean> {
  const title = vscode.l10n.t('Downloading the CUDA provider');
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const cancel = new AbortController();
    token.onCancellationRequested(() => cancel.abort());
    let shown = 0;
    const onProgress = ({ received }: { received: number }): void => {
      const percent = Math.floor((100 * received) / found.bytes);
      if (percent === shown) return;
      const message = vscode.l10n.t('{0} of {1} MB', megabytes(received), megabytes(found.bytes));
      progress.report({
        increment: percent - shown,
        message: received < found.bytes ? message : vscode.l10n.t('unpacking'),
      });
      shown = percent;
    };
    try {
      await installCuda(found, { store, shipped: shippedOrtFolder(entry), signal: cancel.signal, onProgress });
      return true;
    } catch (thrown) {
      if (cancel.signal.aborted) return false;
      throw thrown;
    }
  });
}

function cudaError(problem: CudaProblem): GradstepError {
  const { what, todo } = cudaText(problem, vscode.l10n);
  return new GradstepError(what, { code: 'engine.noCuda', hint: todo });
}
