import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { h } from 'preact';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { icons } from './icons';
import type { IconName } from './icons';

/** The only importer of the toolkit: another one would need new bodies here and nothing else. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing(), vsCodeTextField());
}

export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <span class={`icon ${className ?? ''}`} aria-hidden="true">
      {icons[name]}
    </span>
  );
}

interface ButtonProps {
  children?: ComponentChildren;
  icon?: IconName;
  /** Said by screen readers and shown as the tip; needed where there is no text. */
  label?: string;
  appearance?: 'primary' | 'secondary' | 'icon';
  disabled?: boolean;
  className?: string;
  expanded?: boolean;
  onClick: () => void;
}

export function Button({
  children,
  icon,
  label,
  appearance,
  disabled,
  className,
  expanded,
  onClick,
}: ButtonProps): VNode {
  return h(
    'vscode-button',
    {
      appearance: appearance ?? 'secondary',
      disabled: disabled ?? false,
      class: className,
      title: label,
      // A button that says its text needs no other name.
      ...(appearance === 'icon' ? { 'aria-label': label } : {}),
      ...(expanded === undefined ? {} : { 'aria-expanded': String(expanded), 'aria-haspopup': 'menu' }),
      onClick,
    } as Record<string, unknown>,
    icon ? <Icon name={icon} /> : null,
    children === undefined ? null : <span class="button-text">{children}</span>,
  );
}

export function IconButton(props: Omit<ButtonProps, 'children' | 'appearance'> & { icon: IconName; label: string }) {
  return <Button {...props} appearance="icon" />;
}

interface TextFieldProps {
  value: string;
  label: string;
  placeholder?: string;
  className?: string;
  focused?: boolean;
  onInput?: (value: string) => void;
  onEnter?: (value: string) => void;
  onEscape?: () => void;
}

export function TextField({
  value,
  label,
  placeholder,
  className,
  focused,
  onInput,
  onEnter,
  onEscape,
}: TextFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) requestAnimationFrame(() => field.current?.focus());
  }, [focused]);
  return h('vscode-text-field', {
    ref: field,
    value,
    placeholder: placeholder ?? '',
    'aria-label': label,
    class: className,
    onInput: (event: Event) => onInput?.((event.target as HTMLInputElement).value),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Enter') onEnter?.((event.target as HTMLInputElement).value);
      if (event.key === 'Escape') onEscape?.();
    },
  } as Record<string, unknown>);
}

export function ProgressRing({ label }: { label: string }) {
  return h('vscode-progress-ring', { 'aria-label': label, class: 'ring' } as Record<string, unknown>);
}

export interface MenuItem {
  text: string;
  note?: string;
  run: () => void;
}

/** A button that opens a list of actions; arrows move in it, Escape closes it. */
export function MenuButton({ label, items, disabled }: { label: string; items: MenuItem[]; disabled?: boolean }) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const entries = () => [...(frame.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  useEffect(() => {
    if (!open) return;
    entries()[0]?.focus();
    const outside = (event: MouseEvent) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('mousedown', outside);
    return () => document.removeEventListener('mousedown', outside);
  }, [open]);
  const close = () => {
    setOpen(false);
    frame.current?.querySelector<HTMLElement>('vscode-button')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const move = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (move !== undefined) all[(move + all.length) % all.length]?.focus();
    else if (event.key === 'Escape') close();
    else if (event.key === 'Tab') setOpen(false);
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu-frame" ref={frame} onKeyDown={onKeyDown}>
      <Button
        appearance="icon"
        icon="chevronDown"
        label={label}
        disabled={disabled}
        expanded={open}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <div class="menu" role="menu" aria-label={label}>
          {items.map((item) => (
            <button
              key={item.text}
              class="menu-item"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                item.run();
              }}
            >
              <span>{item.text}</span>
              {item.note && <span class="dim">{item.note}</span>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
