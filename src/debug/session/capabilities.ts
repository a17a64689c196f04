import type { DebugProtocol } from '@vscode/debugprotocol';
import type { ExceptionFilter } from '../../common/debugContract';
import type { Translator } from '../../common/translator';

interface FilterRow {
  label(l10n: Translator): string;
  description(l10n: Translator): string;
  condition(l10n: Translator): string;
  default?: true;
}

const filterTable: Readonly<Record<ExceptionFilter, FilterRow>> = {
  uncaught: {
    label: (l10n) => l10n.t('Uncaught Exceptions'),
    description: (l10n) => l10n.t('Stops where an exception is raised that the script does not catch.'),
    condition: (l10n) => l10n.t('Exception types, such as ValueError, KeyError'),
    default: true,
  },
  raised: {
    label: (l10n) => l10n.t('Raised Exceptions'),
    description: (l10n) => l10n.t('Stops where any exception is raised, caught or not.'),
    condition: (l10n) => l10n.t('Exception types, such as ValueError, KeyError'),
  },
  notFinite: {
    label: (l10n) => l10n.t('NaN or Infinity'),
    description: (l10n) => l10n.t('Stops at the phase whose loss, output, gradient or parameter is not finite.'),
    condition: (l10n) => l10n.t("A part of the tensor's name, such as conv1"),
  },
  gradientNorm: {
    label: (l10n) => l10n.t('Gradient Norm Above a Limit'),
    description: (l10n) => l10n.t('Stops after a backward whose total gradient norm is above the limit.'),
    condition: (l10n) => l10n.t('The limit; 10 when left out'),
  },
  deadUnits: {
    label: (l10n) => l10n.t('Dead Units'),
    description: (l10n) => l10n.t('Stops where units of a ReLU give zero for the whole batch.'),
    condition: (l10n) => l10n.t("The share of a layer's units in percent; 50 when left out"),
  },
  check: {
    label: (l10n) => l10n.t('Warnings About the Training Loop'),
    description: (l10n) => l10n.t('Stops where a check finds a mistake, such as a missing zero_grad().'),
    condition: (l10n) => l10n.t("A part of the finding's name"),
  },
};

export function isExceptionFilter(name: string): name is ExceptionFilter {
  return Object.hasOwn(filterTable, name);
}

/** What the session can do, in DAP's words. */
export function capabilities(l10n: Translator): DebugProtocol.Capabilities {
  return {
    supportsConfigurationDoneRequest: true,
    supportsConditionalBreakpoints: true,
    supportsHitConditionalBreakpoints: true,
    supportsLogPoints: true,
    supportsFunctionBreakpoints: true,
    supportsDataBreakpoints: true,
    supportsExceptionOptions: false,
    supportsExceptionFilterOptions: true,
    supportsExceptionInfoRequest: true,
    supportsEvaluateForHovers: true,
    supportsClipboardContext: true,
    supportsStepBack: true,
    supportsRestartRequest: true,
    supportsRestartFrame: true,
    supportsSetVariable: true,
    supportsSetExpression: true,
    supportsCompletionsRequest: true,
    completionTriggerCharacters: ['.', '['],
    supportsDelayedStackTraceLoading: true,
    supportsValueFormattingOptions: true,
    supportsTerminateRequest: true,
    supportTerminateDebuggee: true,
    exceptionBreakpointFilters: Object.entries(filterTable).map(([filter, row]) => ({
      filter,
      label: row.label(l10n),
      description: row.description(l10n),
      default: row.default ?? false,
      supportsCondition: true,
      conditionDescription: row.condition(l10n),
    })),
  };
}
