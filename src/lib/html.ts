/**
 * Markup that is safe by default. Every value is escaped for the place it stands in; only values of class `Html` (made
 * by this tag or by `trusted`) pass as they are. A template that puts a value where no escaping can make it safe
 * (unquoted attribute, script, style, comment, tag name) throws when it is first rendered, whatever the value is.
 */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

export type Value = Html | string | number | bigint | null | undefined | false | readonly Value[];

/** Where a value stands. `tag`: between attributes, only `Html` and nothing may stand there. */
type Place = 'text' | 'attribute' | 'url' | 'tag';

const placesOf = new WeakMap<TemplateStringsArray, Place[]>();
const URL_ATTRIBUTES = new Set(['href', 'src', 'action', 'formaction', 'xlink:href', 'cite', 'data', 'poster']);

/** Builds markup. null, undefined and false print nothing; arrays print their members one after another. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  let places = placesOf.get(strings);
  if (!places) {
    places = readPlaces(strings);
    placesOf.set(strings, places);
  }
  let out = strings[0] as string;
  for (let index = 0; index < values.length; index++) {
    out += print(values[index], places[index] as Place) + strings[index + 1];
  }
  return new Html(out);
}

/**
 * Markup from a constant of this project (icons), or from the sanitiser into its own sandbox. Never call it with anything
 * else that came from outside.
 */
export function trusted(text: string): Html {
  return new Html(text);
}

/** A boolean attribute, for the place between attributes: `<option ${flag('selected', on)}>`. */
export function flag(
  name: 'selected' | 'checked' | 'open' | 'hidden' | 'disabled',
  on: boolean | null | undefined,
): Html {
  return new Html(on ? name : '');
}

/** Escapes for text and for quoted attributes. Control characters that HTML forbids become U+FFFD. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, (char) => ESCAPES[char] ?? '\ufffd');
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function print(value: Value, place: Place): string {
  if (value === null || value === undefined || value === false) return '';
  if (place === 'tag') {
    if (value instanceof Html) return value.text;
    throw new TypeError('only Html may stand between attributes');
  }
  if (value instanceof Html) {
    // Markup inside a quoted attribute would end it: escape it like text.
    return place === 'text' ? value.text : escapeHtml(value.text);
  }
  if (Array.isArray(value)) return (value as readonly Value[]).map((member) => print(member, place)).join('');
  const text = String(value);
  return escapeHtml(place === 'url' ? safeUrl(text) : text);
}

/** Addresses that a page may lead to: our own paths, and https. Everything else (javascript:, data:, //host) is `#`. */
function safeUrl(text: string): string {
  if (/^\/(?![/\\])/.test(text) || text.startsWith('?') || text.startsWith('#')) return text;
  return /^https:\/\/[a-z0-9]/i.test(text) ? text : '#';
}

function readPlaces(strings: TemplateStringsArray): Place[] {
  const places: Place[] = [];
  let state: 'text' | 'tag' | 'quoted' = 'text';
  let attribute = '';
  let valueStart = 0;
  for (let part = 0; part < strings.length - 1; part++) {
    const text = strings[part] as string;
    if (state === 'quoted') valueStart = -1;
    for (let at = 0; at < text.length; at++) {
      const char = text[at] as string;
      if (state === 'text' && char === '<') {
        // A title or a textarea holds text only: values are escaped there as anywhere.
        if (/^<(!--|script|style)/i.test(text.slice(at)) && !closes(text, at)) {
          throw new SyntaxError('a value may not stand inside a comment, script or style element');
        }
        state = 'tag';
      } else if (state === 'tag' && char === '>') state = 'text';
      else if (state === 'tag' && char === '"') {
        attribute = /([^\s"<>/=]+)\s*=$/.exec(text.slice(0, at))?.[1]?.toLowerCase() ?? '';
        if (attribute.startsWith('on') || attribute === 'style' || attribute === 'srcdoc') {
          if (!text.slice(at + 1).includes('"')) throw new SyntaxError(`a value may not stand in ${attribute}`);
        }
        valueStart = at + 1;
        state = 'quoted';
      } else if (state === 'tag' && char === "'") throw new SyntaxError('attributes are quoted with "');
      else if (state === 'quoted' && char === '"') state = 'tag';
    }
    places.push(placeAfter(text, state, attribute, valueStart));
  }
  return places;
}

function placeAfter(text: string, state: 'text' | 'tag' | 'quoted', attribute: string, valueStart: number): Place {
  if (state === 'text') return 'text';
  if (state === 'quoted') return URL_ATTRIBUTES.has(attribute) && valueStart === text.length ? 'url' : 'attribute';
  if (!/\s$/.test(text)) throw new SyntaxError('a value in a tag stands in quotes, or after a space');
  return 'tag';
}

/** Whether the element or comment that opens at `at` also ends in this part, so that no value stands inside it. */
function closes(text: string, at: number): boolean {
  const name = /^<(!--|[a-z]+)/i.exec(text.slice(at))?.[1] as string;
  return name === '!--' ? text.includes('-->', at) : text.toLowerCase().includes(`</${name.toLowerCase()}`, at);
}
