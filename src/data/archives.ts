import type { CifarName } from './cifar10';
import type { IdxName } from './idx';

/** A file on the network and how to know that it arrived whole. */
export interface RemoteFile {
  url: string;
  /** Its name on disk. */
  name: string;
  checksum: { algorithm: 'sha256' | 'sha512' | 'md5'; hex: string };
  /** `tar.gz`: unpacked, then deleted. `keep`: the file is what is wanted. */
  kind: 'tar.gz' | 'keep';
}

/** What one data set is downloaded from, and below the script's root where to. */
export interface RemoteDataset {
  /** A folder below root that the files are put into; '' for root itself. */
  folder: string;
  files: RemoteFile[];
}

function idx(base: string, folder: string, sums: [train: [string, string], test: [string, string]]): RemoteDataset {
  const names = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'];
  return {
    folder: `${folder}/raw`,
    files: names.map((stem, at) => ({
      url: `${base}${stem}-ubyte.gz`,
      name: `${stem}-ubyte.gz`,
      checksum: { algorithm: 'md5', hex: sums.flat()[at]! },
      kind: 'keep',
    })),
  };
}

/** Checksums: https://www.cs.toronto.edu/~kriz/cifar.html (MD5 there) and torchvision's datasets/mnist.py. */
export const remoteDatasets: Record<CifarName | IdxName, RemoteDataset> = {
  CIFAR10: {
    folder: '',
    files: [
      {
        url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
        name: 'cifar-10-binary.tar.gz',
        checksum: { algorithm: 'sha256', hex: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd' },
        kind: 'tar.gz',
      },
    ],
  },
  CIFAR100: {
    folder: '',
    files: [
      {
        url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
        name: 'cifar-100-binary.tar.gz',
        checksum: { algorithm: 'md5', hex: '03b5dce01913d631647c71ecec9e9cb8' },
        kind: 'tar.gz',
      },
    ],
  },
  MNIST: idx('https://ossci-datasets.s3.amazonaws.com/mnist/', 'MNIST', [
    ['f68b3c2dcbeaaa9fbdd348bbdeb94873', 'd53e105ee54ea40749a09fcbcd1e9432'],
    ['9fb629c4189551a2d022fa330f9573f3', 'ec29112dd5afa0611ce80d1b7f02629c'],
  ]),
  FashionMNIST: idx('http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/', 'FashionMNIST', [
    ['8d4fb7e6c68d591d4c3dfef9ec88bf0d', '25c81989df183df01b3e8a0aad5dffbe'],
    ['bef4ecab320f06d8554ea6380940ec79', 'bb300cfdad3c16e7a12a480ee83cd310'],
  ]),
  KMNIST: idx('http://codh.rois.ac.jp/kmnist/dataset/kmnist/', 'KMNIST', [
    ['bdb82020997e1d708af4cf47b453dcf7', 'e144d726b3acfaa3e44228e80efcd344'],
    ['5c965bf0a639b31b8f53240b1b52f4d7', '7320c461ea6c1c855c0b718fb2a4b134'],
  ]),
};
