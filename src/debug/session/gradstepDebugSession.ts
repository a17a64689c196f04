import { basename } from 'node:path';
import { InvalidatedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { StepAction } from '../../common/debugContract';
import type { ExecutionMode, Goal } from '../../common/engineContract';
import { GradstepError } from '../../common/errors';
import { isExceptionFilter } from './capabilities';
import type { Debuggee } from './debuggee';
import { LaunchingSession } from './launchingSession';
import { exceptionBody, threadId, threadName } from './stoppedEvents';

/** DAP on one side, the engine on the other: what the IDE asks of a launched script is answered in the engine's words. */
export class GradstepDebugSession extends LaunchingSession {
  protected override setBreakPointsRequest(
    response: DebugProtocol.SetBreakpointsResponse,
    { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
  ): void {
    this.answer(response, async () => {
      const { debuggee, launch } = this.present;
      if (!this.runsFrom(source.path)) {
        const message = this.l10n.t('This file is not run step by step: {0} is.', basename(launch.program));
        return { breakpoints: breakpoints.map(({ line }) => ({ verified: false, line, message })) };
      }
      const wanted = breakpoints.map(({ line, condition, hitCondition, logMessage }) => ({
        line: this.convertClientLineToDebugger(line),
        ...given({ condition, hitCondition, logMessage }),
      }));
      const views = await this.breakpoints.setLines(debuggee.client, launch.source, wanted);
      return {
        breakpoints: views.map((view, index) => ({ line: breakpoints[index]!.line, ...this.breakpointOf(view) })),
      };
    });
  }

  protected override setFunctionBreakPointsRequest(
    response: DebugProtocol.SetFunctionBreakpointsResponse,
    { breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments,
  ): void {
    this.answer(response, async () => {
      const { debuggee, launch } = this.present;
      const wanted = breakpoints.map(({ name, condition, hitCondition }) => ({
        name,
        ...given({ condition, hitCondition }),
      }));
      const views = await this.breakpoints.setFunctions(debuggee.client, launch.source, wanted);
      return { breakpoints: views.map((view) => this.breakpointOf(view)) };
    });
  }

  protected override setDataBreakpointsRequest(
    response: DebugProtocol.SetDataBreakpointsResponse,
    { breakpoints }: DebugProtocol.SetDataBreakpointsArguments,
  ): void {
    this.answer(response, async () => {
      const wanted = breakpoints.map(({ dataId, condition, hitCondition }) => ({
        dataId,
        ...given({ condition, hitCondition }),
      }));
      const views = await this.breakpoints.setData(this.present.debuggee.client, wanted);
      return { breakpoints: views.map((view) => this.breakpointOf(view)) };
    });
  }

  protected override setExceptionBreakPointsRequest(
    response: DebugProtocol.SetExceptionBreakpointsResponse,
    { filters, filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments,
  ): void {
    this.answer(response, async () => {
      const named = [...filters.map((filterId) => ({ filterId, condition: undefined })), ...filterOptions];
      const wanted = named.flatMap(({ filterId, condition }) =>
        isExceptionFilter(filterId) ? [{ filter: filterId, ...given({ condition }) }] : [],
      );
      const views = await this.breakpoints.setFilters(this.present.debuggee.client, wanted);
      return { breakpoints: views.map(({ verified, message }) => ({ verified, ...given({ message }) })) };
    });
  }

  protected override dataBreakpointInfoRequest(
    response: DebugProtocol.DataBreakpointInfoResponse,
    { variablesReference = 0, name, frameId }: DebugProtocol.DataBreakpointInfoArguments,
  ): void {
    this.answer(response, async () => {
      const frame = frameId === undefined ? this.table.frameOf(variablesReference) : this.frameIndex(frameId);
      const reference = this.table.parentOf(variablesReference);
      const info = await this.resting.ask('dataBreakpointInfo', { reference, name, frame });
      return { ...info, accessTypes: ['write' as const], canPersist: true };
    });
  }

  protected override continueRequest(response: DebugProtocol.ContinueResponse): void {
    response.body = { allThreadsContinued: true };
    this.run(response, { kind: 'continue' }, 'running');
  }

  protected override nextRequest(response: DebugProtocol.NextResponse): void {
    this.step(response, 'over');
  }

  protected override stepInRequest(response: DebugProtocol.StepInResponse): void {
    this.step(response, 'in');
  }

  protected override stepOutRequest(response: DebugProtocol.StepOutResponse): void {
    this.step(response, 'out');
  }

  protected override stepBackRequest(response: DebugProtocol.StepBackResponse): void {
    this.move(response, (client) => client.ask('goBack', { action: 'step' }));
  }

  protected override reverseContinueRequest(response: DebugProtocol.ReverseContinueResponse): void {
    this.move(response, (client) => client.ask('goBack', { action: 'continue' }));
  }

  protected override restartFrameRequest(
    response: DebugProtocol.RestartFrameResponse,
    { frameId }: DebugProtocol.RestartFrameArguments,
  ): void {
    let frame = 0;
    const check = (): void => void (frame = this.frameIndex(frameId));
    this.move(response, (client) => client.ask('restartFrame', { frame }), check);
  }

  protected override pauseRequest(response: DebugProtocol.PauseResponse): void {
    const pause = (): Promise<unknown> => this.present.debuggee.client.pause();
    this.answer(response, () => void this.present, { then: () => void pause().catch(() => null) });
  }

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    this.answer(response, () => {
      const { debuggee, launch } = this.present;
      const snapshot = debuggee.client.state;
      const name = snapshot ? threadName(snapshot, this.l10n) : basename(launch.program);
      return { threads: [{ id: threadId, name }] };
    });
  }

  protected override stackTraceRequest(
    response: DebugProtocol.StackTraceResponse,
    { startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
  ): void {
    this.answer(response, async () => {
      const frames = await this.resting.ask('frames', null);
      const source = this.sourceOf(this.present.launch.program);
      const wanted = frames.slice(startFrame, levels === 0 ? undefined : startFrame + levels);
      return {
        totalFrames: frames.length,
        // A hint such as `subtle` would have the IDE pass over the frame that the script stands in.
        stackFrames: wanted.map(({ index, name, type, line, canRestart }) => ({
          id: this.frameId(index),
          name: type === null ? name : `${name} (${type})`,
          source,
          line: this.convertDebuggerLineToClient(line),
          column: this.convertDebuggerColumnToClient(0),
          canRestart,
        })),
      };
    });
  }

  protected override scopesRequest(
    response: DebugProtocol.ScopesResponse,
    { frameId }: DebugProtocol.ScopesArguments,
  ): void {
    this.answer(response, async () => {
      const frame = this.frameIndex(frameId);
      return { scopes: this.table.scopes(await this.resting.ask('scopes', { frame }), frame) };
    });
  }

  protected override variablesRequest(
    response: DebugProtocol.VariablesResponse,
    args: DebugProtocol.VariablesArguments,
  ): void {
    this.answer(response, async () => ({ variables: await this.table.variables(this.resting, args) }));
  }

  protected override setVariableRequest(
    response: DebugProtocol.SetVariableResponse,
    { variablesReference, name, value, format }: DebugProtocol.SetVariableArguments,
  ): void {
    let then = (): void => undefined;
    this.answer(
      response,
      async () => {
        const { debuggee } = this.present;
        const reference = this.table.parentOf(variablesReference);
        const frame = this.table.frameOf(variablesReference);
        const shown = this.table.find(variablesReference, name);
        const confirm = debuggee.inThePast && (await this.confirmCut());
        then = await debuggee.change((client) => client.setVariable({ reference, name, value, confirm }));
        this.table.clear();
        const expression = shown?.evaluateName ?? null;
        if (expression === null || debuggee.isRunning) return { value };
        const changed = await debuggee.client.ask('evaluate', { frame, expression, quiet: true });
        return this.table.result(changed, frame, format);
      },
      { then: () => then() },
    );
  }

  protected override setExpressionRequest(
    response: DebugProtocol.SetExpressionResponse,
    { expression, value, frameId, format }: DebugProtocol.SetExpressionArguments,
  ): void {
    this.answer(
      response,
      async () => {
        const frame = this.frameIndex(frameId);
        await this.resting.ask('evaluate', { frame, expression: `${expression} = ${value}`, quiet: false });
        const changed = await this.resting.ask('evaluate', { frame, expression, quiet: true });
        return this.table.result(changed, frame, format);
      },
      { then: () => this.invalidate() },
    );
  }

  protected override evaluateRequest(
    response: DebugProtocol.EvaluateResponse,
    { expression, frameId, context, format }: DebugProtocol.EvaluateArguments,
  ): void {
    const quiet = context !== 'repl';
    this.answer(
      response,
      async () => {
        const frame = this.frameIndex(frameId);
        const result = await this.resting.ask('evaluate', { frame, expression, quiet });
        const { value, ...rest } = this.table.result(result, frame, format);
        return { result: value, ...rest };
      },
      { then: () => (quiet ? undefined : this.sendEvent(new InvalidatedEvent(['variables']))) },
    );
  }

  protected override completionsRequest(
    response: DebugProtocol.CompletionsResponse,
    { text, column, line, frameId }: DebugProtocol.CompletionsArguments,
  ): void {
    this.answer(response, async () => {
      const frame = this.frameIndex(frameId);
      const row = text.split('\n')[line === undefined ? 0 : this.convertClientLineToDebugger(line) - 1] ?? '';
      const at = this.convertClientColumnToDebugger(column);
      const found = await this.resting.ask('complete', { frame, text: row, column: at });
      const targets = found.map(({ label, kind, start, length }) => ({
        label,
        type: kind,
        start: this.convertDebuggerColumnToClient(start),
        length,
      }));
      return { targets: targets as DebugProtocol.CompletionItem[] };
    });
  }

  protected override exceptionInfoRequest(response: DebugProtocol.ExceptionInfoResponse): void {
    this.answer(response, () => {
      const { debuggee, launch } = this.present;
      const { exception } = debuggee.place.stop;
      if (exception) return exceptionBody(exception, launch.program, launch.source);
      throw new GradstepError(this.l10n.t('the script does not stand at an exception'), { code: 'debug.noException' });
    });
  }

  private step(response: DebugProtocol.Response, action: StepAction): void {
    this.run(response, { kind: 'step', action }, 'stepping');
  }

  private run(response: DebugProtocol.Response, goal: Goal, mode: ExecutionMode): void {
    this.move(response, (client) => client.run(goal, mode));
  }

  /**
   * The answer says that the script sets out; its rest is an event, which comes later.
   * @param check throws for what can't be done
   */
  private move(
    response: DebugProtocol.Response,
    action: Parameters<Debuggee['drive']>[0],
    check: () => void = () => undefined,
  ): void {
    this.answer(
      response,
      () => {
        void this.resting;
        check();
      },
      { then: () => this.present.debuggee.drive(action) },
    );
  }

  private async confirmCut(): Promise<boolean> {
    const agreed = await this.surroundings.confirm(
      this.l10n.t('Change this value in the past?'),
      this.l10n.t('What was recorded after it is cut off, and the script runs up to here again with the change.'),
    );
    if (agreed) return true;
    throw new GradstepError(this.l10n.t('nothing was changed'), { code: 'debug.declined' });
  }
}

/** Only what is there: neither undefined, null nor an empty text. */
function given<T extends Record<string, string | null | undefined>>(fields: T): { [K in keyof T]?: string } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return Object.fromEntries(entries) as { [K in keyof T]?: string };
}
