import type { ModuleRow } from '../objects/interpreter';
import { argparseModule } from './argparseModule';
import { collectionsModule } from './collectionsModule';
import { copyModule } from './copyModule';
import { dataclassesModule } from './dataclassesModule';
import { datetimeModule } from './datetimeModule';
import { enumModule } from './enumModule';
import { abcModule, contextlibModule, functoolsModule } from './functoolsModule';
import { itertoolsModule } from './itertools';
import { jsonModule } from './jsonModule';
import { mathModule } from './math';
import { randomModule } from './random';
import { loggingModule, pprintModule } from './reportingModules';
import { bisectModule, heapqModule, operatorModule, statisticsModule, stringModule, typesModule } from './smallModules';
import {
  futureModule,
  gcModule,
  osModule,
  osPathModule,
  pathlibModule,
  platformModule,
  sysModule,
  timeitModule,
  timeModule,
} from './system';
import { tqdmModules } from './tqdmModule';
import { collectionsAbcModule, typingModule } from './typingModule';
import { warningsModule } from './warningsModule';

/** The part of Python's standard library that training scripts use, and tqdm. */
export const standardModules: readonly ModuleRow[] = [
  abcModule,
  argparseModule,
  bisectModule,
  collectionsModule,
  collectionsAbcModule,
  contextlibModule,
  copyModule,
  dataclassesModule,
  datetimeModule,
  enumModule,
  functoolsModule,
  futureModule,
  gcModule,
  heapqModule,
  itertoolsModule,
  jsonModule,
  loggingModule,
  mathModule,
  operatorModule,
  osModule,
  osPathModule,
  pathlibModule,
  platformModule,
  pprintModule,
  randomModule,
  statisticsModule,
  stringModule,
  sysModule,
  timeModule,
  timeitModule,
  ...tqdmModules,
  typesModule,
  typingModule,
  warningsModule,
];
