import { formatCount, formatNumber } from '../../format';
import type { Store } from '../../store';
import { dataText } from '../dataStrings';
import type { PageTensor } from './pageTensors';
import { panelTitle, usePanelStatistics } from './tensorPanel';

const numberColumns = ['statNorm', 'statMean', 'statStd', 'statMin', 'statMax'] as const;

/** The numbers about each of the page's tensors. Where the column is narrow each tensor is a block of labelled numbers. */
export function StatisticsTable({ store, tensors }: { store: Store; tensors: readonly PageTensor[] }) {
  return (
    <div class="scroll-across" role="group" aria-label={dataText('statistics')} tabIndex={0}>
      <table class="statistics">
        <thead>
          <tr>
            <th scope="col">{dataText('tensor')}</th>
            {[...numberColumns, 'statZeros' as const, 'statNotFinite' as const].map((key) => (
              <th key={key} scope="col" class="number">
                {dataText(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tensors
            .filter(({ address }) => address !== null)
            .map((tensor) => (
              <StatisticsLine key={tensor.key} store={store} tensor={tensor} />
            ))}
        </tbody>
      </table>
    </div>
  );
}

function StatisticsLine({ store, tensor }: { store: Store; tensor: PageTensor }) {
  const statistics = usePanelStatistics(store, tensor);
  const { factor } = tensor;
  const numbers = statistics && [statistics.l2, statistics.mean, statistics.std, statistics.min, statistics.max];
  const notFinite = statistics ? statistics.nan + statistics.infinite : 0;
  return (
    <tr>
      <th scope="row">{panelTitle(tensor)}</th>
      {(numbers ?? [null, null, null, null, null]).map((value, i) => (
        <td key={i} class="number" data-label={dataText(numberColumns[i]!)}>
          {value === null ? '…' : formatNumber(value * factor)}
        </td>
      ))}
      <td class="number" data-label={dataText('statZeros')}>
        {statistics ? formatCount(statistics.zeros) : '…'}
      </td>
      <td class={notFinite > 0 ? 'number bad' : 'number dim'} data-label={dataText('statNotFinite')}>
        {formatCount(notFinite)}
      </td>
    </tr>
  );
}
