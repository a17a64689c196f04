import { maximumPageLength, type QueryHandlers } from '../common/engineContract';
import { GradstepError } from '../common/errors';
import { elementCount } from '../core/tensor/dtype';
import { histogramOf } from '../core/training/histogram';
import type { Timeline } from '../core/training/timeline';
import { summaryOf, viewOf, type TensorReader } from './eventViews';
import { explainUpdate } from './explanations';
import { scheduleViews } from './scheduleViews';

type RecordQuery = 'event' | 'history' | 'readTensor' | 'statistics' | 'histogram' | 'explain' | 'schedules';

/** The requests that only look at what is recorded. */
export function recordQueries(timeline: () => Timeline, reader: TensorReader): Pick<QueryHandlers, RecordQuery> {
  return {
    event: ({ index }) => viewOf(timeline().at(index), timeline()),
    history: ({ from, count }) => {
      const { head } = timeline();
      const end = Math.min(head + 1, from + count);
      const events = [];
      for (let index = Math.max(0, from); index < end; index++) events.push(summaryOf(timeline().at(index)));
      return { from, events, total: head + 1 };
    },
    readTensor: ({ event, kind, name, offset, length }) => {
      const address = { event, kind, name };
      const value = reader.find(address);
      const total = elementCount(value.shape);
      if (!Number.isInteger(offset) || offset < 0 || length < 0 || length > maximumPageLength) {
        throw new GradstepError(`a page holds at most ${maximumPageLength} elements`, { code: 'engine.page' });
      }
      const data = reader.data(value).slice(offset, Math.min(total, offset + length));
      return { address, shape: [...value.shape], dtype: value.dtype, offset, data, total };
    },
    statistics: (address) => reader.statistics(address),
    histogram: ({ bins, ...address }) => histogramOf(reader.data(reader.find(address)), bins),
    explain: ({ event, parameter, index }) => explainUpdate(timeline(), reader, event, parameter, index),
    schedules: ({ event }) => scheduleViews(timeline(), event),
  };
}
