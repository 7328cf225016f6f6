/** Whether a piece of HTML is made so that people do not see it: preheaders, tracking texts, and codes hidden in them. */

/** True when these attributes hide their element, by themselves or by a class of `hiddenClasses`. */
export function isHidden(attributes: ReadonlyMap<string, string>, hiddenClasses: ReadonlySet<string>): boolean {
  if (attributes.has('hidden')) return true;
  const style = attributes.get('style');
  if (style !== undefined && hidesByStyle(style)) return true;
  if (hiddenClasses.size === 0) return false;
  const id = attributes.get('id');
  if (id !== undefined && hiddenClasses.has(`#${id}`)) return true;
  const classes = attributes.get('class');
  return classes?.split(/\s+/, 20).some((name) => hiddenClasses.has(`.${name}`)) ?? false;
}

/** Whether declarations hide: `display:none`, `visibility:hidden`, sizes of 0 or 1, far indents, no opacity. */
export function hidesByStyle(style: string): boolean {
  for (const declaration of style.slice(0, 4000).toLowerCase().split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    const value = declaration
      .slice(colon + 1)
      .replace('!important', '')
      .trim();
    switch (declaration.slice(0, colon).trim()) {
      case 'display':
        if (value === 'none') return true;
        break;
      case 'visibility':
        if (value === 'hidden' || value === 'collapse') return true;
        break;
      case 'mso-hide':
        if (value === 'all') return true;
        break;
      case 'opacity':
        if (/^0*(\.0*)?%?$/.test(value) && value !== '') return true;
        break;
      case 'font-size':
        if (/^(0*(\.\d+)?|0*1)(px|pt|em|rem|%|vw)?$/.test(value) && !/^(1|01)(em|rem)$/.test(value)) return true;
        break;
      case 'max-height':
      case 'max-width':
        if (/^0+(px|pt|em|rem|%)?$/.test(value)) return true;
        break;
      case 'text-indent':
        if (/^-\d{3,}/.test(value)) return true;
        break;
    }
  }
  return false;
}

const MAX_CSS = 64 * 1024;

/**
 * Adds to `into` the simple selectors (`.name`, `#name`) that a style sheet hides. Rules inside @media and other blocks
 * are not looked at: they hide on some screens only.
 */
export function collectHiddenClasses(css: string, into: Set<string>): void {
  let depth = 0;
  let selectorFrom = 0;
  const text = withoutComments(css.slice(0, MAX_CSS));
  for (let i = 0; i < text.length && into.size < 200; i++) {
    const char = text[i];
    if (char === '{') {
      depth += 1;
      const selector = text.slice(selectorFrom, i).trim();
      if (depth === 1 && !selector.startsWith('@')) {
        const end = text.indexOf('}', i);
        if (hidesByStyle(text.slice(i + 1, end < 0 ? text.length : end))) {
          for (const one of selector.split(',', 50))
            if (/^[a-z]*[.#][\w-]{1,80}$/i.test(one.trim())) into.add(one.trim().replace(/^[a-z]+/i, ''));
        }
      }
    } else if (char === '}') {
      depth = Math.max(0, depth - 1);
      if (depth === 0) selectorFrom = i + 1;
    } else if (char === ';' && depth === 0) selectorFrom = i + 1;
  }
}

/** CSS comments do not nest; one that does not end is left as it is. */
function withoutComments(css: string): string {
  let out = '';
  let last = 0;
  for (let open = css.indexOf('/*'); open >= 0; open = css.indexOf('/*', last)) {
    const end = css.indexOf('*/', open + 2);
    if (end < 0) break;
    out += css.slice(last, open);
    last = end + 2;
  }
  return out + css.slice(last);
}
