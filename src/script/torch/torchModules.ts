import { PythonError } from '../../common/errors';
import { PyTuple } from '../objects/containers';
import { PyModule } from '../objects/functions';
import type { ModuleRow } from '../objects/interpreter';
import { nativeClass, nativeFunction } from '../objects/native';
import type { PyInstance } from '../objects/value';
import { type PyClass, type PyValue } from '../objects/value';
import { autocastClass, gradScalerClass } from './amp';
import { backwardFunctionOfTorch, gradFunctionOfTorch } from './autograd';
import { PyDevice } from './devices';
import { legacyConstructors, linalgFunctions, unavailableConstructors } from './factories';
import { enableGradClass, inferenceModeClass, noGradClass, setGradEnabledClass } from './gradMode';
import { torchContext } from './torchContext';
import { torchModule } from './torchModule';

/** Functions that do nothing: they tune PyTorch's own machinery. */
function noOperations(names: readonly string[]): Record<string, PyValue> {
  return Object.fromEntries(names.map((name) => [name, nativeFunction(name, '*args, **options', () => null)]));
}

function constantFunctions(values: Readonly<Record<string, PyValue>>): Record<string, PyValue> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, nativeFunction(name, '*args, **options', () => value)]),
  );
}

function cudaFunction(name: string, value: PyValue): PyValue {
  return nativeFunction(name, '*args, **options', (_args, interpreter) => {
    if (torchContext(interpreter).runtimeDevice === 'cuda') return value;
    throw new PythonError('AssertionError', 'Torch not compiled with CUDA enabled');
  });
}

const amp = { autocast: autocastClass, GradScaler: gradScalerClass };

function moduleRow(name: string, members: () => Record<string, PyValue>): ModuleRow {
  return { name, build: () => new PyModule(name, members()) };
}

const cudaModule: ModuleRow = {
  name: 'torch.cuda',
  build: (interpreter) => {
    const available = torchContext(interpreter).runtimeDevice === 'cuda';
    return new PyModule('torch.cuda', {
      ...constantFunctions({
        is_available: available,
        is_initialized: available,
        device_count: available ? 1n : 0n,
        is_bf16_supported: false,
        memory_allocated: 0n,
        max_memory_allocated: 0n,
        memory_reserved: 0n,
        max_memory_reserved: 0n,
      }),
      ...noOperations([
        'manual_seed',
        'manual_seed_all',
        'seed_all',
        'empty_cache',
        'set_device',
        'reset_peak_memory_stats',
      ]),
      ...(available ? legacyConstructors() : unavailableConstructors()),
      current_device: cudaFunction('current_device', 0n),
      synchronize: cudaFunction('synchronize', null),
      get_device_name: cudaFunction('get_device_name', 'CUDA'),
      get_device_capability: cudaFunction('get_device_capability', new PyTuple([8n, 0n])),
    });
  },
};

/** `torch.accelerator`: CUDA when the graphs run there. */
const acceleratorModule: ModuleRow = {
  name: 'torch.accelerator',
  build: (interpreter) => {
    const available = torchContext(interpreter).runtimeDevice === 'cuda';
    return new PyModule('torch.accelerator', {
      ...constantFunctions({
        is_available: available,
        device_count: available ? 1n : 0n,
        current_accelerator: available ? new PyDevice('cuda', null) : null,
        current_device_index: available ? 0n : -1n,
      }),
      ...noOperations(['synchronize', 'set_device_index']),
    });
  },
};

const flags: Readonly<Record<string, Record<string, PyValue>>> = {
  'torch.backends': {},
  'torch.backends.cudnn': {
    enabled: true,
    benchmark: false,
    deterministic: false,
    allow_tf32: true,
    ...constantFunctions({ is_available: false, version: null }),
  },
  'torch.backends.cuda': constantFunctions({ is_built: false }),
  'torch.backends.mps': constantFunctions({ is_available: false, is_built: false }),
  'torch.backends.mkl': constantFunctions({ is_available: true }),
  'torch.backends.mkldnn': { enabled: true, ...constantFunctions({ is_available: true }) },
  'torch.backends.openmp': constantFunctions({ is_available: true }),
  'torch.mps': {
    ...constantFunctions({ is_available: false, device_count: 0n }),
    ...noOperations(['manual_seed', 'empty_cache', 'synchronize']),
  },
  'torch.version': { __version__: '2.13.0', cuda: null, hip: null, git_version: 'unknown' },
  'torch.xpu': constantFunctions({ is_available: false, device_count: 0n }),
};

const setDetectAnomaly = nativeFunction('set_detect_anomaly', 'mode, check_nan=True', () => null);

const anomalyClass: PyClass = nativeClass<PyInstance>({
  name: 'detect_anomaly',
  module: 'torch.autograd.anomaly_mode',
  methods: {
    __init__: ['check_nan=True', () => null],
    __enter__: ['', () => null],
    __exit__: ['type, value, traceback', () => false],
  },
});

const gradModes = {
  no_grad: noGradClass,
  enable_grad: enableGradClass,
  inference_mode: inferenceModeClass,
  set_grad_enabled: setGradEnabledClass,
};

/** `torch.autograd.Variable(tensor)`: the tensor itself since PyTorch 0.4. */
const variable = nativeFunction('Variable', 'data, requires_grad=False', (args, interpreter) => {
  const data = args.value('data');
  if (args.bool('requires_grad')) interpreter.callMethod(data, 'requires_grad_', [true]);
  return data;
});

/** A module whose functions are those of `torch` itself. */
function ofTorch(name: string, names: readonly string[]): ModuleRow {
  return {
    name,
    build: (interpreter) => {
      const { attributes } = interpreter.importModule('torch');
      return new PyModule(name, Object.fromEntries(names.map((entry) => [entry, attributes.get(entry) ?? null])));
    },
  };
}

/** torch and its submodules, but for nn, optim and utils. */
export const torchModules: readonly ModuleRow[] = [
  torchModule,
  cudaModule,
  acceleratorModule,
  moduleRow('torch.cuda.amp', () => ({ ...amp })),
  moduleRow('torch.amp', () => ({ ...amp })),
  moduleRow('torch.autograd', () => ({
    ...gradModes,
    grad: gradFunctionOfTorch,
    backward: backwardFunctionOfTorch,
    Variable: variable,
    set_detect_anomaly: setDetectAnomaly,
    detect_anomaly: anomalyClass,
  })),
  moduleRow('torch.autograd.grad_mode', () => ({ ...gradModes })),
  moduleRow('torch.autograd.profiler', () => ({})),
  ofTorch('torch.random', ['manual_seed', 'initial_seed', 'seed', 'get_rng_state', 'set_rng_state']),
  moduleRow('torch.linalg', () => ({ ...linalgFunctions })),
  ...Object.entries(flags).map(([name, members]) => moduleRow(name, () => ({ ...members }))),
];
