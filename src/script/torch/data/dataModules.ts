import { PyModule } from '../../objects/functions';
import type { ModuleRow } from '../../objects/interpreter';
import { nativeFunction } from '../../objects/native';
import type { PyValue } from '../../objects/value';
import { defaultCollate, defaultConvert } from './collate';
import { dataLoaderClass } from './dataLoaderClass';
import {
  chainDatasetClass,
  concatDatasetClass,
  datasetClass,
  iterableDatasetClass,
  subsetClass,
  tensorDatasetClass,
} from './datasetClasses';
import { randomSplit } from './randomSplit';
import {
  batchSamplerClass,
  randomSamplerClass,
  samplerClass,
  sequentialSamplerClass,
  subsetRandomSamplerClass,
  weightedRandomSamplerClass,
} from './samplerClasses';

/** Items are made in the main process, always. */
const getWorkerInfo = nativeFunction('get_worker_info', '', () => null);

const datasets: Record<string, PyValue> = {
  ChainDataset: chainDatasetClass,
  ConcatDataset: concatDatasetClass,
  Dataset: datasetClass,
  IterableDataset: iterableDatasetClass,
  Subset: subsetClass,
  TensorDataset: tensorDatasetClass,
  random_split: randomSplit,
};

const samplers: Record<string, PyValue> = {
  BatchSampler: batchSamplerClass,
  RandomSampler: randomSamplerClass,
  Sampler: samplerClass,
  SequentialSampler: sequentialSamplerClass,
  SubsetRandomSampler: subsetRandomSamplerClass,
  WeightedRandomSampler: weightedRandomSamplerClass,
};

const loader: Record<string, PyValue> = {
  DataLoader: dataLoaderClass,
  default_collate: defaultCollate,
  default_convert: defaultConvert,
  get_worker_info: getWorkerInfo,
};

function row(name: string, members: Record<string, PyValue>): ModuleRow {
  return { name, build: () => new PyModule(name, members) };
}

/** `torch.utils.data` and its modules. */
export const dataModules: readonly ModuleRow[] = [
  row('torch.utils', {}),
  row('torch.utils.data', { ...datasets, ...samplers, ...loader }),
  row('torch.utils.data.dataset', datasets),
  row('torch.utils.data.sampler', samplers),
  row('torch.utils.data.dataloader', { ...loader, ...datasets, ...samplers }),
];
