import type { ComponentChildren } from 'preact';
import { Icon } from '../controls';
import { useStore } from '../store';
import type { Store } from '../store';

interface SectionProps {
  store: Store;
  id: string;
  title: string;
  /** What stands beside the title, in plain type. */
  note?: ComponentChildren;
  /** Controls at the right of the title. */
  actions?: ComponentChildren;
  className?: string;
  children: ComponentChildren;
}

/** A part of the panel with a heading that folds it. */
export function Section({ store, id, title, note, actions, className, children }: SectionProps) {
  const folded = useStore(store, ({ ui }) => ui.folded.includes(id));
  const fold = () => {
    const others = store.ui.folded.filter((other) => other !== id);
    store.setUi({ folded: folded ? others : [...others, id] });
  };
  return (
    <section class={`section ${className ?? ''}`} aria-labelledby={`${id}-title`} data-section={id}>
      <header class="section-header">
        <h2 id={`${id}-title`}>
          <button class="fold" aria-expanded={!folded} aria-controls={`${id}-body`} onClick={fold}>
            <Icon name={folded ? 'chevronRight' : 'chevronDown'} />
            {title}
          </button>
        </h2>
        {note !== undefined && note !== null && (
          <span class="section-note" title={typeof note === 'string' ? note : undefined}>
            {note}
          </span>
        )}
        {actions !== undefined && <span class="section-actions">{actions}</span>}
      </header>
      <div class="section-body" id={`${id}-body`} hidden={folded}>
        {!folded && children}
      </div>
    </section>
  );
}
