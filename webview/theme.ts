import { useEffect, useReducer } from 'preact/hooks';

const listeners = new Set<() => void>();
let version = 0;
let watching = false;

/** VS Code changes the theme by new variables on the root and new classes on the body. */
function watch(): void {
  if (watching) return;
  watching = true;
  const observer = new MutationObserver(() => {
    version++;
    for (const listener of [...listeners]) listener();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
}

/** A number that rises with each change of the theme: what is drawn on a canvas depends on it. */
export function useTheme(): number {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    watch();
    const changed = () => render(undefined);
    listeners.add(changed);
    return () => {
      listeners.delete(changed);
    };
  }, []);
  return version;
}

let probe: HTMLElement | null = null;

/** A CSS variable's colour as the browser resolves it (`rgb(...)`), for canvases. */
export function cssColor(variable: string): string {
  if (probe === null) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${variable})`;
  return getComputedStyle(probe).color;
}

/** The panel's small type, for canvases. */
export function cssFont(): string {
  const { fontFamily } = getComputedStyle(document.body);
  return `11px ${fontFamily}`;
}
