import { cudaProblem } from '../runtime/cudaProbe';
import type { ProbeReport } from './cudaCheck';

/** The process that tries CUDA before an engine is started on it; see `checkCuda`. */
const report: ProbeReport = { problem: cudaProblem() };
process.send?.(report, () => process.exit(0));
