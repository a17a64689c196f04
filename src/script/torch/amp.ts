import { nativeClass } from '../objects/native';
import type { PyClass, PyInstance } from '../objects/value';

/** Mixed precision is left out: everything stays in float32, which is what `enabled=False` means in PyTorch. */
export const autocastClass: PyClass = nativeClass<PyInstance>({
  name: 'autocast',
  module: 'torch.amp.autocast_mode',
  methods: {
    __init__: ['*args, **options', () => null],
    __enter__: ['', () => null],
    __exit__: ['type, value, traceback', () => false],
    __call__: ['function', (_self, args) => args.value('function')],
  },
});

/** `GradScaler` with scaling disabled: `scale` gives the loss itself, `step` steps. */
export const gradScalerClass: PyClass = nativeClass<PyInstance>({
  name: 'GradScaler',
  module: 'torch.amp.grad_scaler',
  methods: {
    __init__: ['*args, **options', () => null],
    scale: ['outputs', (_self, args) => args.value('outputs')],
    unscale_: ['optimizer', () => null],
    step: ['optimizer', (_self, args, interpreter) => interpreter.callMethod(args.value('optimizer'), 'step')],
    update: ['new_scale=None', () => null],
    get_scale: ['', () => 1],
    is_enabled: ['', () => false],
  },
});
