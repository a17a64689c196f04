interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [value: T, text: string])[];
  onChoose: (value: T) => void;
}

/** One of a few, as buttons side by side; the arrow keys move. */
export function Choice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) {
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = options.findIndex(([option]) => option === value);
    const index = (at + by + options.length) % options.length;
    onChoose(options[index]![0]);
    (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[role=radio]')[index]?.focus();
  };
  return (
    <div class="choice" role="radiogroup" aria-label={label} onKeyDown={onKeyDown}>
      {options.map(([option, text]) => (
        <button
          key={option}
          role="radio"
          aria-checked={option === value}
          tabIndex={option === value ? 0 : -1}
          onClick={() => onChoose(option)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
