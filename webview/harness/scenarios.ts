import type { EngineError } from '../../src/common/engineContract';
import type { PanelState } from '../../src/protocol/contract';

export interface Scenario {
  cursor: number;
  head: number;
  locale?: string;
  change?: (state: PanelState) => PanelState;
}

const error: EngineError = {
  code: 'python.ValueError',
  message: 'ValueError: Expected input batch_size (4) to match target batch_size (3).',
  line: 31,
  hint: 'The loss needs one target for each row of the input.',
  audience: 'user',
  traceback: [
    { functionName: '<module>', line: 31 },
    { functionName: 'train', line: 18 },
  ],
};

/** The states that the screenshots show. */
export const scenarios: Record<string, Scenario> = {
  first: { cursor: 1, head: 1 },
  backward: { cursor: 388, head: 388 },
  step: { cursor: 389, head: 389 },
  back: { cursor: 204, head: 389 },
  chinese: { cursor: 389, head: 389, locale: 'zh-CN' },
  cuda: {
    cursor: 389,
    head: 389,
    change: (state) => ({
      ...state,
      snapshot: state.snapshot && {
        ...state.snapshot,
        device: 'cuda',
        onCpu: [{ graph: 'forward', graphs: 2, operators: ['Tan'] }],
      },
    }),
  },
  running: {
    cursor: 388,
    head: 388,
    change: (state) => ({
      ...state,
      busy: true,
      snapshot: state.snapshot && {
        ...state.snapshot,
        status: 'running',
        mode: 'running',
        event: state.snapshot.event && { ...state.snapshot.event, tensors: [] },
      },
      progress: [{ id: 1, description: 'Epoch 1', done: 78, total: 800, postfix: 'loss=2.03', closed: false }],
    }),
  },
  findings: {
    cursor: 388,
    head: 388,
    change: (state) => ({
      ...state,
      snapshot: state.snapshot && {
        ...state.snapshot,
        pattern: [
          { phase: 'forward', line: 22 },
          { phase: 'loss', line: 23 },
          { phase: 'scheduler_step', line: 24 },
          { phase: 'backward', line: 25 },
          { phase: 'step', line: 26 },
        ],
        findings: [
          {
            check: 'accumulated',
            title: 'Gradients pile up',
            severity: 'warning',
            message:
              'The gradients of 10 parameters (model.0.weight, model.0.bias, model.2.weight and 7 more) are the sum of 3 backward passes, across steps that had already used them.',
            suggestion: 'Call optimizer.zero_grad() once per step, before backward().',
            numbers: { parameters: 10, backwards: 3, event: 12 } as Record<string, number>,
            firstEvent: 12,
            line: 25,
            occurrences: 75,
            subjects: [0, 2, 4, 6, 8].flatMap((layer) => [`model.${layer}.weight`, `model.${layer}.bias`]),
          },
          {
            check: 'notFinite',
            title: 'NaN or infinity',
            severity: 'error',
            message:
              'Event 240 is the first with values that are not finite: model.8.bias has 4 NaN and 0 infinite elements.',
            suggestion:
              'Lower the learning rate, and look at the event before for a log, a division or an exp that overflows.',
            numbers: { nan: 4, infinite: 0, event: 240 } as Record<string, number>,
            firstEvent: 240,
            line: 26,
            occurrences: 1,
            subjects: ['model.8.bias'],
          },
        ],
      },
    }),
  },
  edited: { cursor: 388, head: 388, change: (state) => ({ ...state, scriptChanged: true }) },
  accumulation: {
    cursor: 388,
    head: 388,
    change: (state) => ({
      ...state,
      snapshot: state.snapshot && {
        ...state.snapshot,
        pattern: [
          { phase: 'zero_grad', line: 14 },
          ...[0, 1, 2, 3].flatMap(() => [
            { phase: 'forward' as const, line: 16 },
            { phase: 'loss' as const, line: 17 },
            { phase: 'backward' as const, line: 18 },
          ]),
          { phase: 'step', line: 20 },
          { phase: 'scheduler_step', line: 21 },
        ],
        position: 6,
      },
    }),
  },
  welcome: {
    cursor: 0,
    head: 0,
    change: (state) => ({ ...state, script: null, snapshot: null, engineStatus: 'none', output: [] }),
  },
  problems: {
    cursor: 0,
    head: 0,
    change: (state) => ({
      ...state,
      snapshot: null,
      output: [],
      problems: [
        {
          line: 3,
          column: 0,
          message: "torch has no 'quantize_fx'",
          hint: 'Gradstep knows torch.nn, torch.optim and torch.utils.data.',
        },
        { line: 27, column: 8, message: "nn has no 'Conv2D'", hint: 'Conv2d' },
      ],
    }),
  },
  failed: {
    cursor: 202,
    head: 202,
    change: (state) => ({ ...state, snapshot: state.snapshot && { ...state.snapshot, status: 'failed' }, error }),
  },
  died: {
    cursor: 388,
    head: 388,
    change: (state) => ({
      ...state,
      engineStatus: 'died',
      death: 'The engine ended with signal SIGKILL.\nlast words: terminate called without an active exception',
    }),
  },
};
