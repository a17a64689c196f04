import { GradstepError, PythonError } from '../common/errors';
import { remoteDatasets } from './archives';
import { openCifar } from './cifar10';
import type { CifarName } from './cifar10';
import { downloadSync } from './downloadSync';
import type { SyncDownloadOptions } from './downloadSync';
import { openIdx } from './idx';
import type { IdxName } from './idx';
import type { ImageDataset } from './imageDataset';
import { openSample } from './sampleImages';

export type DatasetName = CifarName | IdxName;

export interface DatasetRequest {
  name: DatasetName;
  train: boolean;
  /** The script's `root`, made absolute: looked into first, and downloaded to. */
  root: string;
  /** Other folders to look into, such as the data folder of the settings. */
  otherRoots?: readonly string[];
  /** The script's `download=True`. */
  download: boolean;
  /** How to download; without it the network is left alone and the sample stands in. */
  downloader?: SyncDownloadOptions;
}

/** torchvision's words for a data set that isn't there. */
const absent: Record<DatasetName, string> = {
  CIFAR10: 'Dataset not found or corrupted. You can use download=True to download it',
  CIFAR100: 'Dataset not found or corrupted. You can use download=True to download it',
  MNIST: 'Dataset not found. You can use download=True to download it',
  FashionMNIST: 'Dataset not found. You can use download=True to download it',
  KMNIST: 'Dataset not found. You can use download=True to download it',
};

function openFiles(request: DatasetRequest): ImageDataset | undefined {
  const { name, train } = request;
  const roots = [request.root, ...(request.otherRoots ?? [])];
  return name === 'CIFAR10' || name === 'CIFAR100'
    ? openCifar({ name, train, roots })
    : openIdx({ name, train, roots });
}

function openStandIn(request: DatasetRequest, reason: string): ImageDataset {
  const gray = request.name !== 'CIFAR10' && request.name !== 'CIFAR100';
  const { name, train } = request;
  const sample = openSample({ train, insteadOf: name, side: gray ? 28 : 32, channels: gray ? 1 : 3 });
  return { ...sample, notices: [...sample.notices, reason] };
}

/**
 * A torchvision data set by its name: from disk; else, with `download`, from the network; else the built-in sample, whose
 * notices say why. Without `download` a data set that isn't there is torchvision's RuntimeError. Files that are there but
 * damaged always throw (`data.…`): nothing stands in for them. A cancelled download throws, too.
 */
export function openDataset(request: DatasetRequest): ImageDataset {
  const local = openFiles(request);
  if (local !== undefined) return local;
  if (!request.download) throw new PythonError('RuntimeError', absent[request.name]);
  if (request.downloader === undefined) return openStandIn(request, 'Downloading is switched off.');
  try {
    downloadSync(remoteDatasets[request.name], request.root, request.downloader);
  } catch (error) {
    if (!(error instanceof GradstepError) || error.code === 'data.download.cancelled') throw error;
    return openStandIn(request, error.message);
  }
  return openFiles(request) ?? openStandIn(request, `${request.root} doesn't hold ${request.name} after its download.`);
}
