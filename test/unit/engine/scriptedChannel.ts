import { MessageChannel } from 'node:worker_threads';
import type {
  EngineContract,
  EngineEvents,
  EngineMessage,
  EventName,
  RequestMessage,
  RequestName,
} from '../../../src/common/engineContract';
import { Channel } from '../../../src/engine/channel';

/** Thrown where a session would sleep with nothing left to do. */
export class ScriptOver extends Error {}

interface Step {
  name: RequestName;
  body: unknown;
  sent: boolean;
  reply: EngineMessage | null;
}

/** A client that asks one thing after the other, each when the one before has been answered. */
export class ScriptedChannel extends Channel {
  readonly events: { name: EventName; body: unknown }[] = [];
  private readonly steps: Step[] = [];
  private interrupt = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    port1.close();
    port2.close();
    super(port1, new Int32Array(new SharedArrayBuffer(16)));
  }

  ask<N extends RequestName>(name: N, body: EngineContract[N]['request']): this {
    this.steps.push({ name, body, sent: false, reply: null });
    return this;
  }

  /** The replies so far; an error in place of a refused one. */
  replies(): unknown[] {
    return this.steps.map(({ reply }) => {
      if (reply?.kind !== 'reply') return undefined;
      return reply.ok ? reply.body : reply.error;
    });
  }

  of<N extends EventName>(name: N): EngineEvents[N][] {
    return this.events.flatMap((event) => (event.name === name ? [event.body as EngineEvents[N]] : []));
  }

  override interrupted(): boolean {
    return this.interrupt;
  }

  override clearInterrupt(): void {
    this.interrupt = false;
  }

  override hasNews(): boolean {
    const index = this.steps.findIndex(({ sent }) => !sent);
    return index >= 0 && this.steps.slice(0, index).every(({ reply }) => reply !== null);
  }

  override take(): RequestMessage[] {
    if (!this.hasNews()) return [];
    const id = this.steps.findIndex(({ sent }) => !sent);
    const step = this.steps[id]!;
    step.sent = true;
    return [{ kind: 'request', id, name: step.name, body: step.body } as RequestMessage];
  }

  override wait(): void {
    throw new ScriptOver();
  }

  override send(message: EngineMessage): void {
    if (message.kind === 'event') {
      this.events.push({ name: message.name, body: structuredClone(message.body) });
      return;
    }
    this.steps[message.id]!.reply = structuredClone(message);
  }
}
