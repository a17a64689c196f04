import { activationLayers } from './activationLayers';
import { convolutionLayers } from './convolutionLayers';
import type { LayerRow } from './layerRow';
import { lossLayers } from './lossLayers';
import { normalizationLayers } from './normalizationLayers';
import { poolingLayers } from './poolingLayers';
import { structureLayers } from './structureLayers';

/** The layers of torch.nn, a class each. Sequential and its like are containers of the script's side. */
export const layerTable: readonly LayerRow[] = [
  ...convolutionLayers,
  ...poolingLayers,
  ...activationLayers,
  ...normalizationLayers,
  ...structureLayers,
  ...lossLayers,
];
