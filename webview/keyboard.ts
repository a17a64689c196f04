import type { Navigation } from './navigation';

const typing = new Set(['INPUT', 'TEXTAREA', 'SELECT', 'VSCODE-TEXT-FIELD']);
const pressing = new Set(['BUTTON', 'A', 'VSCODE-BUTTON', 'SUMMARY']);

type Key = (navigation: Navigation, shift: boolean) => void;

const keys: Record<string, Key> = {
  n: (navigation, shift) => navigation.next(shift ? 'iteration' : 'phase'),
  p: (navigation, shift) => navigation.previous(shift ? 'iteration' : 'phase'),
  r: (navigation) => navigation.restart(),
  ' ': (navigation) => navigation.toggleRun(),
};

const pathOf = (event: KeyboardEvent) =>
  event.composedPath().filter((part): part is HTMLElement => part instanceof HTMLElement);

/** Whether a key goes into a field. */
export function isTyping(event: KeyboardEvent): boolean {
  return pathOf(event).some(({ tagName }) => typing.has(tagName));
}

/** Single keys that step, wherever the focus is in the panel but where one types. */
export function listenToKeys(navigation: Navigation, active: () => boolean): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !active()) return;
    const name = event.key.toLowerCase();
    if (isTyping(event)) return;
    if (name === ' ' && pathOf(event).some((part) => pressing.has(part.tagName) || part.role === 'menuitem')) return;
    const action = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (action === undefined) return;
    event.preventDefault();
    action(navigation, event.shiftKey);
  });
}
