import { useState } from 'preact/hooks';
import type { EventView, HyperparameterValue, OptimizerView } from '../../../src/common/engineContract';
import { TextField } from '../../controls';
import { formatRate } from '../../format';
import { text } from '../../shellStrings';
import type { Store } from '../../store';

/** Bookkeeping of PyTorch's that no one sets while training. */
const unshown = new Set(['foreach', 'fused', 'capturable', 'differentiable', 'initial_lr', 'decoupled_weight_decay']);

interface HyperparametersProps {
  store: Store;
  event: EventView;
  busy: boolean;
}

/** The optimizers' settings; a number can be clicked and set. */
export function Hyperparameters({ store, event, busy }: HyperparametersProps) {
  if (event.optimizers.length === 0) return null;
  return (
    <div class="optimizers">
      {event.optimizers.map((optimizer) =>
        optimizer.groups.map(({ hyperparameters }, group) => (
          <div class="settings" key={`${optimizer.name}/${group}`}>
            <span class="settings-name">
              {optimizer.type}
              {optimizer.groups.length > 1 && ` ${text('group', group)}`}
            </span>
            <dl class="settings-list">
              {Object.entries(hyperparameters)
                .filter(([name, value]) => !unshown.has(name) && value !== null && !isOff(value))
                .map(([name, value]) => (
                  <Setting
                    key={name}
                    store={store}
                    event={event.index}
                    optimizer={optimizer}
                    group={group}
                    name={name}
                    value={value}
                    fixed={busy || (typeof value !== 'number' && typeof value !== 'bigint')}
                  />
                ))}
            </dl>
          </div>
        )),
      )}
    </div>
  );
}

function isOff(value: HyperparameterValue): boolean {
  return value === false;
}

interface SettingProps {
  store: Store;
  event: number;
  optimizer: OptimizerView;
  group: number;
  name: string;
  value: HyperparameterValue;
  fixed: boolean;
}

function Setting({ store, event, optimizer, group, name, value, fixed }: SettingProps) {
  const [editing, setEditing] = useState(false);
  const shown = valueText(value);
  const set = (entered: string) => {
    setEditing(false);
    const number = Number(entered.trim());
    if (entered.trim() === '' || !Number.isFinite(number) || number === Number(value)) return;
    const target = { kind: 'hyperparameter', optimizer: optimizer.name, group, name, value: number } as const;
    store.act('setValue', { event, target });
  };
  return (
    <div class="setting">
      <dt>{name}</dt>
      <dd>
        {editing ? (
          <TextField
            className="setting-field"
            value={shown}
            label={`${text('setValue', name)}. ${text('setValueHint')}`}
            focused
            onEnter={set}
            onEscape={() => setEditing(false)}
          />
        ) : fixed ? (
          shown
        ) : (
          <button class="link-quiet" title={text('setValue', name)} onClick={() => setEditing(true)}>
            {shown}
          </button>
        )}
      </dd>
    </div>
  );
}

function valueText(value: HyperparameterValue): string {
  if (typeof value === 'number') return formatRate(value).replace('\u2212', '-');
  if (Array.isArray(value)) return `(${value.map((item: HyperparameterValue) => valueText(item)).join(', ')})`;
  return value === true ? 'True' : value === null ? 'None' : String(value);
}
