import type { MomentView } from '../../common/debugContract';
import type { EventRecord } from '../../core/training/eventRecord';

type SubMoment = Pick<MomentView, 'kind' | 'name' | 'line'>;

/**
 * What can be stepped through inside an event that has happened: the layers of a backward, last first, and the
 * parameters of a step. Empty where a running session kept no layers.
 * @param layerLines where each layer was made
 */
export function subMomentsOf(record: EventRecord, layerLines: ReadonlyMap<string, number>): SubMoment[] {
  if (record.phase === 'backward') {
    return record.own.flatMap(({ kind, name: slot }): SubMoment[] => {
      // A layer that was called twice has two gradients.
      const name = slot.replace(/#\d+$/, '');
      const line = kind === 'layerGradient' ? layerLines.get(name) : undefined;
      return line === undefined ? [] : [{ kind: 'layer', name, line }];
    });
  }
  if (record.phase !== 'step') return [];
  return steppedParameters(record).map((name) => ({
    kind: 'parameter',
    name,
    line: lineOfOwner(name, layerLines) ?? record.line,
  }));
}

function steppedParameters({ optimizers, subject }: EventRecord): string[] {
  const stepped = optimizers.filter(({ name }) => subject === null || name === subject);
  return [...new Set(stepped.flatMap(({ groups }) => groups.flatMap(({ parameters }) => parameters)))];
}

/** The layer that has the parameter; a model's own name may stand before its path. */
function lineOfOwner(parameter: string, layerLines: ReadonlyMap<string, number>): number | undefined {
  const path = parameter.split('.').slice(0, -1);
  return layerLines.get(path.join('.')) ?? layerLines.get(path.slice(1).join('.'));
}
