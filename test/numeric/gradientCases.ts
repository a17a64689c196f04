import { elementwiseCases } from './cases/elementwise';
import { matrixCases } from './cases/matrices';
import { publishedCases } from './cases/published';
import { structureCases } from './cases/structure';
import { windowCases } from './cases/windows';
import type { GradientCase } from './gradientChecker';

/** Every case, each checked against central differences. */
export const gradientCases: readonly GradientCase[] = [
  ...elementwiseCases,
  ...matrixCases,
  ...publishedCases,
  ...structureCases,
  ...windowCases,
];
