import type { Translator } from './translator';

/** The version of ONNX Runtime: its CUDA provider must be of exactly the same one. */
export const ortVersion = '1.30.0';

/** Why CUDA can't be used. */
export type CudaProblem =
  /** ONNX Runtime for Node has CUDA on linux-x64 only. */
  | { kind: 'platform'; platform: string }
  /** A shared library was not found: `libcublasLt.so.13`. */
  | { kind: 'missing'; library: string }
  /** A shared library is there and can't be loaded. */
  | { kind: 'unusable'; library: string; words: string }
  /** CUDA itself refused: the number and the words of its `cudaError_t`. */
  | { kind: 'refused'; failure: number; words: string }
  /** The process that tried it ended: a signal or an exit code. */
  | { kind: 'crashed'; how: string; words: string }
  | { kind: 'silent'; seconds: number }
  | { kind: 'other'; words: string };

/** A problem in words: what failed, with what is needed, and what to do. Whole sentences. */
export interface CudaText {
  what: string;
  todo: string;
}

interface LibraryRow {
  /** Matches the file's name; the group is a version. */
  name: RegExp;
  text(l10n: Translator, library: string, version: string): CudaText;
}

function toolkit(l10n: Translator, library: string, cuda: string): CudaText {
  return {
    what: l10n.t('{0} was not found: it belongs to CUDA {1}.', library, cuda),
    todo: l10n.t(
      'Install the CUDA {0} toolkit, or PyTorch with CUDA {0}, or name the folder in the setting gradstep.cudaLibraryPath.',
      cuda,
    ),
  };
}

/** libcufft counts on its own: 11 came with CUDA 12, 12 with CUDA 13. */
function cudaOfFft(version: string): string {
  return String(Number(version) + 1);
}

/** The libraries that ONNX Runtime's CUDA provider needs, and what to do about each. The first row that matches counts. */
const libraryTable: readonly LibraryRow[] = [
  {
    name: /^libonnxruntime_providers_(?:shared|cuda)\.so/,
    text: (l10n, library) => ({
      what: l10n.t("{0} was not found: it is a part of ONNX Runtime's CUDA provider {1}.", library, ortVersion),
      todo: l10n.t(
        'Run "Gradstep: Install CUDA Provider…" in VS Code, or set GRADSTEP_ORT_FOLDER to a folder with ONNX Runtime {0} and its CUDA provider.',
        ortVersion,
      ),
    }),
  },
  { name: /^lib(?:cublas|cublasLt|cudart|nvrtc|nvJitLink)\.so\.(\d+)/, text: toolkit },
  { name: /^libcufft\.so\.(\d+)/, text: (l10n, library, version) => toolkit(l10n, library, cudaOfFft(version)) },
  {
    name: /^lib(?:curand|cusparse|cusolver)\.so/,
    text: (l10n, library) => ({
      what: l10n.t('{0} was not found: it belongs to the CUDA toolkit.', library),
      todo: l10n.t(
        'Install the CUDA toolkit, or PyTorch with CUDA, or name the folder in the setting gradstep.cudaLibraryPath.',
      ),
    }),
  },
  {
    name: /^libcudnn\w*\.so\.(\d+)/,
    text: (l10n, library, version) => ({
      what: l10n.t('{0} was not found: it belongs to cuDNN {1}.', library, version),
      todo: l10n.t(
        'Install cuDNN {0} for your version of CUDA, or PyTorch with CUDA, or name the folder in the setting gradstep.cudaLibraryPath.',
        version,
      ),
    }),
  },
  {
    name: /^lib(?:cuda|nvidia-ml)\.so/,
    text: (l10n, library) => ({
      what: l10n.t('{0} was not found: it belongs to the NVIDIA driver.', library),
      todo: l10n.t('Install the NVIDIA driver of your GPU; nvidia-smi lists the GPU afterwards.'),
    }),
  },
  {
    name: /()/,
    text: (l10n, library) => ({
      what: l10n.t('{0} was not found: it is a library of the system.', library),
      todo: l10n.t("Install it with the system's packages."),
    }),
  },
];

/** What to do about CUDA's own refusals, by their number in `cudaError_t`. */
const failureTable: Readonly<Record<number, (l10n: Translator) => string>> = {
  2: (l10n) => l10n.t("The GPU's memory is full: end what else uses it; nvidia-smi lists it."),
  34: (l10n) =>
    l10n.t(
      'The libcuda.so.1 that was found is the one that programs are linked with, not the NVIDIA driver: take its folder, stubs, out of LD_LIBRARY_PATH.',
    ),
  35: (l10n) => l10n.t('The NVIDIA driver is missing or too old for this version of CUDA: install a newer one.'),
  100: (l10n) => l10n.t('There is no NVIDIA GPU that CUDA can see: nvidia-smi and CUDA_VISIBLE_DEVICES tell more.'),
  209: (l10n) => l10n.t('The GPU is too old for this version of the CUDA provider.'),
  803: (l10n) => l10n.t("The NVIDIA driver's libraries don't fit the driver that runs: restart the computer."),
};

export function cudaText(problem: CudaProblem, l10n: Translator): CudaText {
  switch (problem.kind) {
    case 'platform':
      return {
        what: l10n.t('ONNX Runtime has CUDA on linux-x64 only, and this is {0}.', problem.platform),
        todo: l10n.t('Choose the device cpu or auto.'),
      };
    case 'missing': {
      const { library } = problem;
      const row = libraryTable.find(({ name }) => name.test(library))!;
      return row.text(l10n, library, row.name.exec(library)![1] ?? '');
    }
    case 'unusable':
      return {
        what: l10n.t("{0} can't be loaded: {1}.", problem.library, problem.words),
        todo: l10n.t('Install it again, in the version that ONNX Runtime {0} needs.', ortVersion),
      };
    case 'refused':
      return {
        what: l10n.t('CUDA refused with error {0}: {1}.', problem.failure, problem.words),
        todo: failureTable[problem.failure]?.(l10n) ?? checkInstallation(l10n),
      };
    case 'crashed':
      return {
        what: l10n.t('The process that tried it ended ({0}).', [problem.how, problem.words].filter(Boolean).join(': ')),
        todo: l10n.t('The CUDA provider must be of ONNX Runtime {0} exactly: install it again.', ortVersion),
      };
    case 'silent':
      return {
        what: l10n.t('A first calculation on it gave no result in {0} seconds.', problem.seconds),
        todo: checkInstallation(l10n),
      };
    case 'other':
      return { what: problem.words, todo: checkInstallation(l10n) };
  }
}

function checkInstallation(l10n: Translator): string {
  return l10n.t('Check that nvidia-smi lists the GPU and that the versions of CUDA and cuDNN fit.');
}
