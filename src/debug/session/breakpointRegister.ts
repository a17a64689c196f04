import type {
  BreakpointView,
  DataBreakpoint,
  ExceptionFilterSetting,
  FunctionBreakpoint,
  LineBreakpoint,
} from '../../common/debugContract';
import type { EngineClient } from '../../engine/client';

type WithoutId<T> = Omit<T, 'id'>;

/**
 * The breakpoints that the IDE wants, with the ids that they keep while they stay as they are: a hit count goes on when
 * another breakpoint is set.
 */
export class BreakpointRegister {
  private lines: LineBreakpoint[] = [];
  private functions: FunctionBreakpoint[] = [];
  private data: DataBreakpoint[] = [];
  private filters: ExceptionFilterSetting[] = [];
  private nextId = 1;

  /** Whether one is set that the script may stop at by itself, exceptions aside. */
  get stopsSomewhere(): boolean {
    return (
      this.lines.some(({ logMessage }) => logMessage === undefined) || this.functions.length + this.data.length > 0
    );
  }

  watches(dataId: string | null): boolean {
    return dataId !== null && this.data.some((breakpoint) => breakpoint.dataId === dataId);
  }

  setLines(client: EngineClient, source: string, wanted: WithoutId<LineBreakpoint>[]): Promise<BreakpointView[]> {
    this.lines = this.withIds(this.lines, wanted);
    return this.sendLines(client, source);
  }

  setFunctions(
    client: EngineClient,
    source: string,
    wanted: WithoutId<FunctionBreakpoint>[],
  ): Promise<BreakpointView[]> {
    this.functions = this.withIds(this.functions, wanted);
    return this.sendFunctions(client, source);
  }

  setData(client: EngineClient, wanted: WithoutId<DataBreakpoint>[]): Promise<BreakpointView[]> {
    this.data = this.withIds(this.data, wanted);
    return this.sendData(client);
  }

  setFilters(client: EngineClient, filters: ExceptionFilterSetting[]): Promise<BreakpointView[]> {
    this.filters = filters;
    return this.sendFilters(client);
  }

  /** All of them again, for another text or another process; the views of those that have an id. */
  async sendAll(client: EngineClient, source: string): Promise<BreakpointView[]> {
    const [lines, functions, data] = await Promise.all([
      this.sendLines(client, source),
      this.sendFunctions(client, source),
      this.sendData(client),
      this.sendFilters(client),
    ]);
    return [...lines, ...functions, ...data];
  }

  private sendLines(client: EngineClient, source: string): Promise<BreakpointView[]> {
    return inOrder(this.lines, client.ask('setBreakpoints', { source, breakpoints: this.lines }));
  }

  private sendFunctions(client: EngineClient, source: string): Promise<BreakpointView[]> {
    return inOrder(this.functions, client.ask('setFunctionBreakpoints', { source, breakpoints: this.functions }));
  }

  private sendData(client: EngineClient): Promise<BreakpointView[]> {
    return inOrder(this.data, client.ask('setDataBreakpoints', { breakpoints: this.data }));
  }

  private sendFilters(client: EngineClient): Promise<BreakpointView[]> {
    const ids = this.filters.map((_filter, id) => ({ id }));
    return inOrder(ids, client.ask('setExceptionFilters', { filters: this.filters }));
  }

  private withIds<T extends { id: number }>(before: readonly T[], wanted: readonly WithoutId<T>[]): T[] {
    const free = [...before];
    return wanted.map((breakpoint) => {
      const index = free.findIndex((known) => sameBut(known, breakpoint));
      const id = index < 0 ? this.nextId++ : free.splice(index, 1)[0]!.id;
      return { ...breakpoint, id } as T;
    });
  }
}

/** DAP answers in the order of the request. */
async function inOrder(asked: readonly { id: number }[], reply: Promise<BreakpointView[]>): Promise<BreakpointView[]> {
  const views = new Map((await reply).map((view) => [view.id, view]));
  return asked.map(({ id }) => views.get(id) ?? { id, verified: false, line: null, message: null });
}

function sameBut(known: { id: number }, wanted: object): boolean {
  const { id: _id, ...rest } = known;
  const [a, b] = [rest, wanted].map((breakpoint) => JSON.stringify(Object.entries(breakpoint).sort()));
  return a === b;
}
