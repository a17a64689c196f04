/** Characters of VS Code's own icon font (codicons), by the names that they have there. */
export const icons = {
  next: '\uead6',
  previous: '\ueb8f',
  run: '\ueacf',
  pause: '\uead1',
  restart: '\uead2',
  forwardIteration: '\ueb70',
  backIteration: '\ueb6f',
  chevronDown: '\ueab4',
  chevronRight: '\ueab6',
  warning: '\uea6c',
  error: '\uea87',
  info: '\uea74',
  check: '\ueab2',
  close: '\uea76',
  history: '\uea82',
  arrowRight: '\uea9c',
  arrowLeft: '\uea9b',
  loop: '\uea77',
  file: '\uea94',
  folder: '\ueaf7',
  edit: '\uea73',
  lightbulb: '\uea61',
  book: '\ueaa4',
  output: '\ueb9d',
} as const;

export type IconName = keyof typeof icons;
