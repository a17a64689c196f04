type Action = 'default' | 'error' | 'ignore' | 'always' | 'module' | 'once';

interface Filter {
  action: Action;
  message: RegExp | null;
  /** Names of the category and of those derived from it; null for all. */
  categories: ReadonlySet<string> | null;
}

/** Python's warning filters: the newest one that fits decides. */
export class WarningFilters {
  private filters: Filter[] = [];
  private readonly seen = new Set<string>();

  add(action: string, categories: ReadonlySet<string> | null, message: string): void {
    const pattern = message === '' ? null : new RegExp(`^(?:${message})`, 'i');
    this.filters.unshift({ action: action as Action, message: pattern, categories });
  }

  reset(): void {
    this.filters = [];
  }

  snapshot(): Filter[] {
    return [...this.filters];
  }

  restore(filters: Filter[]): void {
    this.filters = filters;
  }

  verdict(message: string, category: string, line: number): 'show' | 'ignore' | 'error' {
    const filter = this.filters.find(
      (candidate) =>
        (candidate.message === null || candidate.message.test(message)) &&
        (candidate.categories === null || candidate.categories.has(category)),
    );
    const action = filter?.action ?? 'default';
    if (action === 'ignore' || action === 'error') return action;
    if (action === 'always') return 'show';
    const key = action === 'once' || action === 'module' ? `${category}:${message}` : `${category}:${message}:${line}`;
    if (this.seen.has(key)) return 'ignore';
    this.seen.add(key);
    return 'show';
  }
}
