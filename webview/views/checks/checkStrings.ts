import type { CheckName, FindingView } from '../../../src/common/engineContract';
import { createText, fill, type TextRow } from '../../strings';

interface CheckTexts {
  title: TextRow;
  /** Placeholders are the finding's numbers by name, and `{subjects}`. */
  message: TextRow;
  suggestion: TextRow;
}

/** A row for each of the engine's checks; English is the engine's own words. */
export const checkTexts: Readonly<Record<CheckName, CheckTexts>> = {
  accumulated: {
    title: { en: 'Gradients pile up', 'zh-cn': '梯度不断累积' },
    message: {
      en: 'The gradients of {parameters} {parameters|parameter|parameters} ({subjects}) are the sum of {backwards} backward passes, across steps that had already used them.',
      'zh-cn': '{parameters} 个参数（{subjects}）的梯度是 {backwards} 次 backward 之和，其间的 step 已经用过这些梯度。',
    },
    suggestion: {
      en: 'Call optimizer.zero_grad() once per step, before backward().',
      'zh-cn': '每步在 backward() 之前调用一次 optimizer.zero_grad()。',
    },
  },
  stepWithoutBackward: {
    title: { en: 'A step without new gradients', 'zh-cn': '没有新梯度就执行 step' },
    message: {
      en: 'step() changed {parameters} {parameters|parameter|parameters} ({subjects}) with gradients that an earlier step had already used.',
      'zh-cn': 'step() 用先前的 step 已经用过的梯度改变了 {parameters} 个参数（{subjects}）。',
    },
    suggestion: {
      en: 'Call loss.backward() before each optimizer.step().',
      'zh-cn': '每次 optimizer.step() 之前调用 loss.backward()。',
    },
  },
  schedulerFirst: {
    title: { en: 'The scheduler steps before the optimizer', 'zh-cn': 'scheduler 先于 optimizer 执行 step' },
    message: {
      en: 'scheduler.step() was called before any optimizer.step(): the first learning rate is skipped.',
      'zh-cn': 'scheduler.step() 在任何 optimizer.step() 之前被调用：第一个学习率被跳过。',
    },
    suggestion: {
      en: 'Call optimizer.step() first, and scheduler.step() after it.',
      'zh-cn': '先调用 optimizer.step()，再调用 scheduler.step()。',
    },
  },
  schedulerInstead: {
    title: { en: 'The optimizer never steps', 'zh-cn': 'optimizer 从不执行 step' },
    message: {
      en: '{schedulerSteps} scheduler steps and {backwards} backward passes, and not one optimizer.step(): the parameters do not change.',
      'zh-cn':
        '{schedulerSteps} 次 scheduler.step()、{backwards} 次 backward，却没有一次 optimizer.step()：参数没有变化。',
    },
    suggestion: {
      en: 'Call optimizer.step() after backward(); scheduler.step() only sets the learning rate.',
      'zh-cn': '在 backward() 之后调用 optimizer.step()；scheduler.step() 只设置学习率。',
    },
  },
  neverChanges: {
    title: { en: 'Parameters that never change', 'zh-cn': '从不变化的参数' },
    message: {
      en: 'Not changed by {steps} {steps|step|steps}: {parameters} {parameters|parameter|parameters} ({subjects}).',
      'zh-cn': '{steps} 次 step 都没有改变 {parameters} 个参数（{subjects}）。',
    },
    suggestion: {
      en: 'Check that they are given to the optimizer, that the loss depends on them, and that the learning rate is not 0.',
      'zh-cn': '检查它们是否交给了 optimizer、loss 是否依赖它们、学习率是否不为 0。',
    },
  },
  vanishing: {
    title: { en: 'Vanishing gradients', 'zh-cn': '梯度消失' },
    message: {
      en: 'The gradients of {subjects} had a root mean square below {limit} in {backwards} backward passes in a row.',
      'zh-cn': '在连续 {backwards} 次 backward 中，以下参数的梯度均方根都低于 {limit}：{subjects}。',
    },
    suggestion: {
      en: 'Try ReLU in place of sigmoid or tanh, batch normalization, or another initialisation.',
      'zh-cn': '试试用 ReLU 代替 sigmoid 或 tanh、批归一化，或别的初始化。',
    },
  },
  exploding: {
    title: { en: 'Exploding gradients', 'zh-cn': '梯度爆炸' },
    message: { en: 'Gradient norms above {limit}: {subjects}.', 'zh-cn': '梯度范数超过 {limit}：{subjects}。' },
    suggestion: {
      en: 'Lower the learning rate, normalise the inputs, or clip with nn.utils.clip_grad_norm_.',
      'zh-cn': '降低学习率、归一化输入，或用 nn.utils.clip_grad_norm_ 裁剪。',
    },
  },
  notFinite: {
    title: { en: 'NaN or infinity', 'zh-cn': 'NaN 或无穷大' },
    message: {
      en: 'Event {event} is the first with values that are not finite: {subjects} has {nan} NaN and {infinite} infinite elements.',
      'zh-cn': '事件 {event} 首次出现非有限的值：{subjects} 有 {nan} 个 NaN 和 {infinite} 个无穷大元素。',
    },
    suggestion: {
      en: 'Lower the learning rate, and look at the event before for a log, a division or an exp that overflows.',
      'zh-cn': '降低学习率，并在前一个事件中查找溢出的 log、除法或 exp。',
    },
  },
};

const listText = createText({
  comma: { en: ', ', 'zh-cn': '、' },
  more: { en: '{0} and {1} more', 'zh-cn': '{0} 及另外 {1} 个' },
  loss: { en: 'the loss', 'zh-cn': 'loss' },
});

/** A finding's title, message or suggestion in the language in use. */
export function checkText({ check, numbers, subjects }: FindingView, part: keyof CheckTexts): string {
  return fill(checkTexts[check][part], (name) => (name === 'subjects' ? listed(subjects) : numbers[name]));
}

/** All names when there are few, else the first three and how many there are besides. */
function listed(subjects: readonly string[]): string {
  const shown = subjects.length <= 4 ? subjects : subjects.slice(0, 3);
  const names = shown.map((name) => (name === 'the loss' ? listText('loss') : name)).join(listText('comma'));
  return shown === subjects ? names : listText('more', names, subjects.length - shown.length);
}
