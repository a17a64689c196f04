export type Rgb = readonly [red: number, green: number, blue: number];

/** A diverging map: one colour for values below zero, one above, the theme's neutral at zero. */
export interface DivergingColors {
  negative: Rgb;
  zero: Rgb;
  positive: Rgb;
  /** For NaN, which is no number on the scale. */
  nan: Rgb;
}

const steps = 256;

/** Packed colours (little-endian RGBA) from -1 to 1. */
export class ColorMap {
  private readonly packed = new Uint32Array(2 * steps + 1);
  private readonly packedNan: number;

  constructor(colors: DivergingColors) {
    for (let i = -steps; i <= steps; i++) {
      this.packed[i + steps] = pack(mix(colors.zero, i < 0 ? colors.negative : colors.positive, Math.abs(i) / steps));
    }
    this.packedNan = pack(colors.nan);
  }

  /** @param scale the value that gets the full colour; larger ones, infinities included, get it too */
  at(value: number, scale: number): number {
    if (value !== value) return this.packedNan;
    const share = value === 0 ? 0 : scale > 0 ? value / scale : Math.sign(value);
    const position = share < -1 ? -1 : share > 1 ? 1 : share;
    return this.packed[Math.round(position * steps) + steps]!;
  }
}

/** `#rgb`, `#rrggbb`, `rgb(...)`, `rgba(...)` or `color(srgb ...)`, as a style sheet's computed value has it. */
export function parseColor(text: string): Rgb | null {
  const trimmed = text.trim();
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(trimmed);
  if (short) return channels(short, (digit) => parseInt(digit + digit, 16));
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})/i.exec(trimmed);
  if (long) return channels(long, (pair) => parseInt(pair, 16));
  const functional = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(trimmed);
  if (functional) return channels(functional, Number);
  const mixed = /^color\(srgb\s+([\d.e-]+)\s+([\d.e-]+)\s+([\d.e-]+)/i.exec(trimmed);
  return mixed ? channels(mixed, (share) => Number(share) * 255) : null;
}

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return [0, 1, 2].map((i) => from[i]! + (to[i]! - from[i]!) * share) as unknown as Rgb;
}

function channels(match: RegExpExecArray, read: (text: string) => number): Rgb {
  return [read(match[1]!), read(match[2]!), read(match[3]!)];
}

function pack([red, green, blue]: Rgb): number {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}
