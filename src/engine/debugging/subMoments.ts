import type { MomentView } from '../../common/debugContract';
import type { EventRecord } from '../../core/training/eventRecord';
import type { LayerCall } from '../../core/training/recorder';

/** What is known of a layer that has been called. */
export type KnownLayer = Pick<LayerCall, 'type' | 'line'>;

type SubMoment = Pick<MomentView, 'kind' | 'name' | 'line'>;

/**
 * What can be stepped through inside an event that has happened: the layers of a backward, last first, and the
 * parameters of a step. Empty where a running session kept no layers.
 * @param layers by their paths
 */
export function subMomentsOf(record: EventRecord, layers: ReadonlyMap<string, KnownLayer>): SubMoment[] {
  if (record.phase === 'backward') {
    return record.own.flatMap(({ kind, name: slot }): SubMoment[] => {
      // A layer that was called twice has two gradients.
      const name = slot.replace(/#\d+$/, '');
      const line = kind === 'layerGradient' ? layers.get(name)?.line : undefined;
      return line === undefined ? [] : [{ kind: 'layer', name, line }];
    });
  }
  if (record.phase !== 'step') return [];
  return steppedParameters(record).map((name) => ({
    kind: 'parameter',
    name,
    line: lineOfOwner(name, layers) ?? record.line,
  }));
}

function steppedParameters({ optimizers, subject }: EventRecord): string[] {
  const stepped = optimizers.filter(({ name }) => subject === null || name === subject);
  return [...new Set(stepped.flatMap(({ groups }) => groups.flatMap(({ parameters }) => parameters)))];
}

/** The layer that has the parameter; a model's own name may stand before its path. */
function lineOfOwner(parameter: string, layers: ReadonlyMap<string, KnownLayer>): number | undefined {
  const path = parameter.split('.').slice(0, -1);
  return (layers.get(path.join('.')) ?? layers.get(path.slice(1).join('.')))?.line;
}
