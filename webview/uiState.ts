/** What a person chose in the panel; survives a reload of the webview. No training state. */
export interface UiState {
  /** The parameter whose page is open. */
  parameter: string | null;
  /** The chosen element of that parameter, row-major. */
  element: number;
  /** How a parameter's page shows its tensors. */
  tensorView: 'image' | 'histogram' | 'table';
  parameterSort: { column: string; descending: boolean } | null;
  parameterFilter: string;
  lossAxis: 'event' | 'iteration';
  /** Sections that were folded, by their id. */
  folded: string[];
}

export const initialUi: UiState = {
  parameter: null,
  element: 0,
  tensorView: 'image',
  parameterSort: null,
  parameterFilter: '',
  lossAxis: 'event',
  folded: [],
};

/** What was saved by an earlier load, as far as it fits. */
export function restoreUi(saved: unknown): UiState {
  if (typeof saved !== 'object' || saved === null) return initialUi;
  const source = saved as Record<string, unknown>;
  const fitting = Object.entries(initialUi).filter(([name, initial]) => {
    const value = source[name];
    return initial === null || value === null ? initial === null : typeof value === typeof initial;
  });
  return { ...initialUi, ...Object.fromEntries(fitting.map(([name]) => [name, source[name]])) };
}
