import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { EngineEvents, EngineMessage, EventName, RequestMessage } from '../common/engineContract';

/** The shared integers between the child's main thread and its worker. */
export const sharedSlots = {
  /** Not 0: the script must be given up. */
  interrupt: 0,
  /** Rises with each message to the worker; the worker sleeps on it. */
  wake: 1,
  /** Characters of output on their way to the client; the worker waits while they are too many. */
  inFlight: 2,
} as const;

const maximumInFlight = 4 * 1024 * 1024;
const creditPollMilliseconds = 20;

/** What the worker posts to the main thread, which passes `message` on. */
export interface WorkerEnvelope {
  message: EngineMessage;
  /** What the message weighs in `inFlight`. */
  weight: number;
}

/** The worker's end of the line to the client: requests come in without an event loop, messages go out. */
export class Channel {
  private seen = -1;

  constructor(
    private readonly port: MessagePort,
    private readonly shared: Int32Array,
  ) {}

  /** True when the script must be given up; cheap. */
  interrupted(): boolean {
    return Atomics.load(this.shared, sharedSlots.interrupt) !== 0;
  }

  clearInterrupt(): void {
    Atomics.store(this.shared, sharedSlots.interrupt, 0);
  }

  /** Whether something has come since the last `take`; cheap. */
  hasNews(): boolean {
    return Atomics.load(this.shared, sharedSlots.wake) !== this.seen;
  }

  /** Everything that has come, without waiting. */
  take(): RequestMessage[] {
    this.seen = Atomics.load(this.shared, sharedSlots.wake);
    const messages: RequestMessage[] = [];
    for (let next = receiveMessageOnPort(this.port); next; next = receiveMessageOnPort(this.port)) {
      messages.push(next.message as RequestMessage);
    }
    return messages;
  }

  /** Sleeps until something has come. */
  wait(): void {
    Atomics.wait(this.shared, sharedSlots.wake, this.seen);
  }

  send(message: EngineMessage, weight = 0): void {
    if (weight > 0) {
      this.awaitCredit();
      Atomics.add(this.shared, sharedSlots.inFlight, weight);
    }
    const envelope: WorkerEnvelope = { message, weight };
    this.port.postMessage(envelope);
  }

  emit<N extends EventName>(name: N, body: EngineEvents[N], weight = 0): void {
    this.send({ kind: 'event', name, body } as EngineMessage, weight);
  }

  /** A client that reads slowly slows the script down instead of filling the memory. */
  private awaitCredit(): void {
    for (;;) {
      const inFlight = Atomics.load(this.shared, sharedSlots.inFlight);
      if (inFlight <= maximumInFlight || this.interrupted()) return;
      Atomics.wait(this.shared, sharedSlots.inFlight, inFlight, creditPollMilliseconds);
    }
  }
}
