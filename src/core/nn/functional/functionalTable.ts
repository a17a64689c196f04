import type { Operation } from '../../operation';
import { lossOperations } from '../../loss/lossOperations';
import { activationOperations } from './activations';
import { adaptivePoolingOperations } from './adaptivePooling';
import { convolutionOperations } from './convolution';
import { dropoutOperations } from './dropout';
import { embeddingOperations } from './embedding';
import { interpolationOperations } from './interpolation';
import { linearOperations } from './linear';
import { normalizationOperations } from './normalization';
import { paddingOperations } from './padding';
import { poolingOperations } from './pooling';
import { similarityOperations } from './similarity';
import { transposedConvolutionOperations } from './transposedConvolution';

/** The functions of torch.nn.functional. */
export const functionalOperations: readonly Operation[] = [
  ...activationOperations,
  ...adaptivePoolingOperations,
  ...convolutionOperations,
  ...dropoutOperations,
  ...embeddingOperations,
  ...interpolationOperations,
  ...linearOperations,
  ...lossOperations,
  ...normalizationOperations,
  ...paddingOperations,
  ...poolingOperations,
  ...similarityOperations,
  ...transposedConvolutionOperations,
];
