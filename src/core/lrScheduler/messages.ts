/* PyTorch 2.13.0's words (torch/optim/lr_scheduler.py). */

export const epochDeprecation =
  'The epoch parameter in `scheduler.step()` was not necessary and is being ' +
  'deprecated where possible. Please use `scheduler.step()` to step the ' +
  'scheduler. During the deprecation, if epoch is different from None, the ' +
  'closed form is used instead of the new chainable form, where available. ' +
  'Please open an issue if you are unable to replicate your use case: ' +
  'https://github.com/pytorch/pytorch/issues/new/choose.';

export const stepOverridden =
  'Seems like `optimizer.step()` has been overridden after learning rate scheduler ' +
  'initialization. Please, make sure to call `optimizer.step()` before ' +
  '`lr_scheduler.step()`. See more details at ' +
  'https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate';

export const schedulerBeforeOptimizer =
  'Detected call of `lr_scheduler.step()` before `optimizer.step()`. ' +
  'In PyTorch 1.1.0 and later, you should call them in the opposite order: ' +
  '`optimizer.step()` before `lr_scheduler.step()`.  Failure to do this ' +
  'will result in PyTorch skipping the first value of the learning rate schedule. ' +
  'See more details at ' +
  'https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate';

export const getLrOutsideStep = 'To get the last learning rate computed by the scheduler, please use `get_last_lr()`.';
