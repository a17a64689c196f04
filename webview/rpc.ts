import type { EngineError } from '../src/common/engineContract';
import type { PanelContract, PanelMessage, PanelRequestName, PanelState } from '../src/protocol/contract';
import type { HostApi } from './vscodeApi';

/** A request that the host or the engine refused. */
export class RequestError extends Error {
  constructor(readonly details: EngineError) {
    super(details.message);
    this.name = 'RequestError';
  }
}

interface Pending {
  resolve(body: unknown): void;
  reject(error: RequestError): void;
}

/** Requests to the host: each is settled exactly once, by the first reply that bears its number. */
export class Rpc {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;

  constructor(
    private readonly host: HostApi,
    private readonly onState: (state: PanelState) => void,
  ) {
    host.listen((message) => this.receive(message));
  }

  request<N extends PanelRequestName>(
    name: N,
    ...body: PanelContract[N]['request'] extends null ? [] : [body: PanelContract[N]['request']]
  ): Promise<PanelContract[N]['reply']> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve: (reply) => resolve(reply as PanelContract[N]['reply']), reject });
      this.host.post({ kind: 'request', id, name, body: (body[0] ?? null) as PanelContract[N]['request'] });
    });
  }

  private receive(message: PanelMessage): void {
    if (message.kind === 'state') {
      this.onState(message.state);
      return;
    }
    if (message.kind !== 'reply') return;
    const waiting = this.pending.get(message.id);
    if (waiting === undefined) return;
    this.pending.delete(message.id);
    if (message.ok) waiting.resolve(message.body);
    else waiting.reject(new RequestError(message.error));
  }
}
