/** Inline styles of mail that a view keeps: how text looks and where a table cell stands, and nothing that moves or loads. */

const PROPERTIES =
  /^(?:color|background-color|font-(?:family|size|weight|style)|text-(?:align|decoration|transform)|line-height|letter-spacing|vertical-align|white-space|list-style-type|(?:max-|min-)?width|border-(?:collapse|spacing|radius)|border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width))?|(?:padding|margin)(?:-(?:top|right|bottom|left))?)$/;
/** Words, numbers with units, colours, font names: no function but colours, so no `url()`, `expression()` or `var()`. */
const VALUE = /^(?:[\w\s#.,%'"-]|(?:rgba?|hsla?)\([\d\s.,%]{1,40}\))+$/i;
const MAX_STYLE = 4000;

/** The declarations that may stay, as `name:value` pairs joined by `;`. */
export function safeStyle(style: string): string {
  const kept: string[] = [];
  for (const declaration of style.slice(0, MAX_STYLE).split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    let name = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration
      .slice(colon + 1)
      .replace(/!\s*important/i, '')
      .trim();
    if (name === 'background' && COLOUR.test(value)) name = 'background-color';
    if (!PROPERTIES.test(name) || value.length > 200 || !VALUE.test(value)) continue;
    // A negative margin pulls text out of sight, or over what is ours.
    if (name.startsWith('margin') && value.includes('-')) continue;
    kept.push(`${name}:${value.replaceAll('"', "'")}`);
  }
  return kept.join(';');
}

const COLOUR = /^(?:#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d\s.,%]{1,40}\))$/i;

/** The value of one declaration of a style, or null. */
export function styleValue(style: string, name: string): string | null {
  for (const declaration of style.split(';').toReversed()) {
    const colon = declaration.indexOf(':');
    if (colon > 0 && declaration.slice(0, colon) === name) return declaration.slice(colon + 1);
  }
  return null;
}

/** How light a colour is, 0 to 1 (WCAG relative luminance); null for what is not read here. */
export function lightness(colour: string): number | null {
  const text = colour.trim().toLowerCase();
  const named =
    text === 'white' || text === 'snow' || text === 'ivory' ? '#ffffff' : text === 'black' ? '#000000' : text;
  const rgb = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})/.exec(named);
  const hex = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(named)?.[1];
  let channels: number[];
  if (rgb) channels = rgb.slice(1).map(Number);
  else if (hex?.length === 3) channels = Array.from(hex, (digit) => Number.parseInt(digit + digit, 16));
  else if (hex) channels = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  else return null;
  const [r, g, b] = channels.map((channel) => {
    const part = Math.min(255, channel) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
