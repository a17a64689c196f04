/** Texts may hold `code` and **bold**: the two marks that captions need. */
export function RichText({ text }: { text: string }) {
  return (
    <>
      {text.split(/(`[^`]*`|\*\*[^*]*\*\*)/).map((part, index) => {
        if (part.startsWith('`')) return <code key={index}>{part.slice(1, -1)}</code>;
        if (part.startsWith('**')) return <b key={index}>{part.slice(2, -2)}</b>;
        return part;
      })}
    </>
  );
}

export function plainText(text: string): string {
  return text.replace(/`|\*\*/g, '');
}
