import type { DebugPlace } from '../../common/debugContract';
import type { EngineError, ProblemView, RunReport, StateSnapshot } from '../../common/engineContract';
import { GradstepError } from '../../common/errors';
import type { Translator } from '../../common/translator';
import type { Death, EngineClient } from '../../engine/client';

/** How a debugged script came to its end. */
export type Ending =
  | { kind: 'finished' }
  | { kind: 'failed'; error: EngineError }
  | { kind: 'refused'; problems: ProblemView[] }
  | { kind: 'stopped' }
  | { kind: 'died'; death: Death };

export interface DebuggeeListener {
  stopped(place: DebugPlace, snapshot: StateSnapshot): void;
  /** Somebody else has set the script running. */
  continued(): void;
  /** The values at the same place have changed. */
  invalidated(): void;
  /** Once. */
  ended(ending: Ending): void;
  /** A run that never began or broke off, with the script where it was. */
  runFailed(error: unknown): void;
}

/** What the IDE shows: another one is told to it. */
interface ShownPlace {
  moment: number;
  lastMoment: number;
  cursor: number;
  edits: number;
}

/**
 * The script as a debugger sees it: it runs, rests or has ended. The engine may have other users, such as the panel;
 * what they make it do is told as if the IDE had asked for it.
 */
export class Debuggee {
  /** The run that the IDE asked for last: an earlier one that still comes back has nothing to say. */
  private runId = 0;
  private driving = false;
  private running = true;
  private over = false;
  private terminating = false;
  private shown: ShownPlace | null = null;
  private readonly listening: (() => void)[];

  constructor(
    readonly client: EngineClient,
    private readonly listener: DebuggeeListener,
    private readonly l10n: Translator,
  ) {
    this.listening = [
      client.on('state', (snapshot) => this.receiveState(snapshot)),
      client.on('died', (death) => this.end(this.terminating ? { kind: 'stopped' } : { kind: 'died', death })),
    ];
  }

  /** Hears and tells nothing from here on; the engine stays as it is. */
  detach(): void {
    for (const stop of this.listening) stop();
    this.over = true;
    this.runId++;
  }

  get isRunning(): boolean {
    return this.running;
  }

  /** Where the script rests. @throws GradstepError `engine.busy` or `debug.ended` where it doesn't */
  get place(): DebugPlace {
    if (this.over) throw new GradstepError(this.l10n.t('the script has ended'), { code: 'debug.ended' });
    const place = this.client.state?.debug;
    if (!this.running && place) return place;
    const hint = this.l10n.t('Pause it first.');
    throw new GradstepError(this.l10n.t('the script is running'), { code: 'engine.busy', hint });
  }

  get inThePast(): boolean {
    const { moment, lastMoment } = this.place;
    return moment < lastMoment;
  }

  /** Sets the script running, or moves it; its rest is told to the listener. */
  drive(action: (client: EngineClient) => Promise<RunReport | StateSnapshot>): void {
    void this.perform(action).then((report) => {
      if (report) this.settle(report);
    });
  }

  /**
   * Changes something at the place where the script rests; it rests there afterwards as well.
   * @returns what tells the listener, for after the answer
   */
  async change(action: (client: EngineClient) => Promise<RunReport>): Promise<() => void> {
    const { moment } = this.place;
    const report = await this.perform(action, true);
    if (!report) return () => undefined;
    if (endingOf(report, this.client.state) || this.client.state?.debug?.moment !== moment) {
      return () => this.settle(report);
    }
    this.rest();
    return () => this.listener.invalidated();
  }

  /** Another start is under way: what becomes of the present run is of no interest any more. */
  supersede(): void {
    this.runId++;
    this.driving = true;
    this.running = true;
  }

  /** At rest the engine stays as it is, for others that use it. */
  async terminate(): Promise<void> {
    this.terminating = true;
    if (this.running) await this.client.stop().catch(() => null);
    this.end({ kind: 'stopped' });
  }

  private end(ending: Ending): void {
    if (this.over) return;
    this.over = true;
    this.runId++;
    this.listener.ended(ending);
  }

  private async perform<R extends RunReport | StateSnapshot>(
    action: (client: EngineClient) => Promise<R>,
    rethrow = false,
  ): Promise<R | null> {
    const id = ++this.runId;
    this.driving = true;
    this.running = true;
    try {
      const report = await action(this.client);
      return id === this.runId ? report : null;
    } catch (error) {
      if (id !== this.runId) return null;
      this.driving = false;
      // Refused because somebody else's run is under way: its end will be told.
      this.running = this.client.state?.status === 'running';
      if (rethrow) throw error;
      this.listener.runFailed(error);
      if (!this.running) this.restAgain();
      return null;
    }
  }

  private settle(report: RunReport | StateSnapshot): void {
    this.driving = false;
    const ending = endingOf(report, this.client.state);
    if (ending) this.end(ending);
    else this.restAgain();
  }

  /** Tells where the script rests, be it where it was. */
  private restAgain(): void {
    const snapshot = this.client.state;
    if (!snapshot?.debug) {
      if (snapshot?.status !== 'paused') this.end({ kind: 'stopped' });
      return;
    }
    this.rest();
    this.listener.stopped(snapshot.debug, snapshot);
  }

  private rest(): void {
    this.driving = false;
    this.running = false;
    this.shown = this.client.state && placeOf(this.client.state);
  }

  /** Of what the IDE itself asked for the report tells. */
  private receiveState(snapshot: StateSnapshot): void {
    if (this.driving || this.over) return;
    const { status } = snapshot;
    if (status === 'running') {
      if (this.running) return;
      this.running = true;
      this.listener.continued();
      return;
    }
    const ending = endingOf(snapshot, snapshot);
    if (ending) {
      this.end(ending);
      return;
    }
    const place = placeOf(snapshot);
    if (!place || !snapshot.debug) return;
    const { shown } = this;
    if (this.running || place.moment !== shown?.moment || place.cursor !== shown.cursor) this.restAgain();
    else if (place.edits !== shown.edits || place.lastMoment !== shown.lastMoment) {
      this.rest();
      this.listener.invalidated();
    }
  }
}

function placeOf({ debug, cursor, edits }: StateSnapshot): ShownPlace | null {
  return debug ? { moment: debug.moment, lastMoment: debug.lastMoment, cursor, edits: edits.length } : null;
}

function endingOf(report: RunReport | StateSnapshot, state: StateSnapshot | null): Ending | null {
  const outcome = 'reason' in report ? report.reason : report.status;
  if (outcome === 'refused' && 'problems' in report) return { kind: 'refused', problems: report.problems };
  if (outcome === 'finished' || outcome === 'stopped') return { kind: outcome };
  if (outcome !== 'failed') return null;
  const error = report.error ?? state?.error ?? null;
  return error ? { kind: 'failed', error } : { kind: 'stopped' };
}
