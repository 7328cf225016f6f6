import { collectHiddenClasses, isHidden } from './hiddenStyle.ts';
import { type HtmlAttributes, type HtmlListener, readHtml } from './htmlTokens.ts';

/** What an HTML body says, in lines. */
export type HtmlText = {
  /** Visible text: one line a block or table row, cells of a row on one line, lists with a dash. */
  text: string;
  links: { href: string; label: string; line: number }[];
  /** Text that people do not see: display:none, size 0, comments, <title>. */
  hidden: string;
  /** Attribute values that may hold something: alt, title, value, aria-label, and targets of forms and images. */
  attributes: string;
};

const MAX_TEXT = 1024 * 1024;
const MAX_COMMENT = 20_000;
const MAX_LINKS = 500;
const MAX_OPEN = 400;

const BLOCK = new Set(
  'address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form header html li main nav ol pre section summary table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
/** Blocks with an empty line around them. */
const PARAGRAPH = new Set('p h1 h2 h3 h4 h5 h6 hr'.split(' '));
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
/** Elements that the opening of a sibling closes (HTML Living Standard §13.1.2.4). */
const CLOSED_BY_SIBLING: Record<string, ReadonlySet<string>> = {
  li: new Set(['li']),
  p: new Set(['p']),
  td: new Set(['td', 'th']),
  th: new Set(['td', 'th']),
  tr: new Set(['tr', 'td', 'th']),
  dt: new Set(['dt', 'dd']),
  dd: new Set(['dt', 'dd']),
  option: new Set(['option']),
};
const READ_ATTRIBUTES = [
  'alt',
  'title',
  'value',
  'aria-label',
  'content',
  'placeholder',
  'data-code',
  'action',
  'src',
  'background',
];

export function htmlToLines(html: string): HtmlText {
  const reader = new HtmlReader();
  readHtml(html, reader);
  return reader.finish();
}

class HtmlReader implements HtmlListener {
  #out = '';
  #line = 1;
  /** Line breaks owed before the next text, so that nested blocks give one break and not five. */
  #breaks = 0;
  #space = false;
  #hidden = '';
  #attributes = '';
  #links: HtmlText['links'] = [];
  #link: { href: string; label: string; line: number } | null = null;
  #stack: string[] = [];
  /** Length of `#stack` at which hidden text ends; 0 when visible. */
  #hiddenFrom = 0;
  #pre = 0;
  #hiddenClasses = new Set<string>();
  #hiddenKnown = new Map<HtmlAttributes, boolean>();

  comment(text: string): void {
    this.#hide(text.slice(0, MAX_COMMENT).replace(/<[^<>]{0,2000}>/g, ' '));
  }

  raw(name: string, text: string): void {
    if (name === 'style') {
      collectHiddenClasses(text, this.#hiddenClasses);
      this.#hiddenKnown.clear();
    } else if (name !== 'script') this.#hide(text);
  }

  isFull(): boolean {
    return this.#out.length > MAX_TEXT;
  }

  finish(): HtmlText {
    this.#endLink();
    return {
      text: this.#out.slice(0, MAX_TEXT).trimEnd(),
      links: this.#links,
      hidden: this.#hidden.trim(),
      attributes: this.#attributes.trim(),
    };
  }

  open(name: string, attributes: HtmlAttributes | null): void {
    const siblings = CLOSED_BY_SIBLING[name];
    while (siblings && this.#stack.length > 0 && siblings.has(this.#stack.at(-1)!)) this.#pop();
    if (!VOID.has(name) && this.#stack.length < MAX_OPEN) {
      this.#stack.push(name);
      if (this.#hiddenFrom === 0 && attributes && this.#isHidden(attributes)) this.#hiddenFrom = this.#stack.length;
    }
    if (attributes) this.#readAttributes(name, attributes);
    if (this.#hiddenFrom > 0) return;
    if (name === 'br') this.#break(this.#breaks + 1);
    else if (PARAGRAPH.has(name)) this.#break(2);
    else if (name === 'td' || name === 'th') this.#space = true;
    else if (BLOCK.has(name)) this.#break(1);
    if (name === 'li') this.text('- ');
    if (name === 'pre') this.#pre += 1;
    if (name === 'a') {
      this.#endLink();
      const href = attributes?.get('href')?.trim() ?? '';
      if (href) this.#link = { href, label: '', line: 0 };
    }
  }

  close(name: string): void {
    const at = this.#stack.lastIndexOf(name);
    if (at < 0 && !PARAGRAPH.has(name)) return;
    const wasHidden = this.#hiddenFrom > 0;
    while (at >= 0 && this.#stack.length > at) this.#pop();
    if (wasHidden) return;
    if (name === 'a') this.#endLink();
    else if (name === 'pre') this.#pre = Math.max(0, this.#pre - 1);
    else if (PARAGRAPH.has(name)) this.#break(2);
    else if (name === 'td' || name === 'th') this.#space = true;
    else if (BLOCK.has(name)) this.#break(1);
  }

  /** Tags that are written the same share one attributes object: judged once. */
  #isHidden(attributes: HtmlAttributes): boolean {
    let hidden = this.#hiddenKnown.get(attributes);
    if (hidden === undefined) {
      hidden = isHidden(attributes, this.#hiddenClasses);
      this.#hiddenKnown.set(attributes, hidden);
    }
    return hidden;
  }

  #pop(): void {
    this.#stack.pop();
    if (this.#hiddenFrom > this.#stack.length) {
      this.#hiddenFrom = 0;
      this.#hidden += '\n';
    }
  }

  text(raw: string): void {
    if (this.#hiddenFrom > 0) {
      this.#hide(raw);
      return;
    }
    if (this.#pre > 0) {
      const lines = raw.replace(/\r\n?/g, '\n').split('\n');
      lines.forEach((line, index) => {
        if (index > 0) this.#break(this.#breaks + 1);
        if (line) this.#put(line);
      });
      return;
    }
    // Only what is not one space already is replaced: most of a text needs no new string.
    const text = raw.replace(/[ \t\r\n\f]{2,}|[\t\r\n\f]/g, ' ');
    const body = text.trim();
    if (body === '' || body === '\u00a0') {
      if (text) this.#space = true;
      return;
    }
    if (text[0] === ' ') this.#space = true;
    this.#put(text[0] === ' ' ? text.slice(1).trimEnd() : text.trimEnd());
    this.#space = text.endsWith(' ');
  }

  #put(text: string): void {
    const breaks = this.#out === '' ? 0 : Math.min(2, this.#breaks);
    const gap = breaks > 0 ? '\n'.repeat(breaks) : this.#space && this.#out !== '' ? ' ' : '';
    this.#line += breaks;
    this.#breaks = 0;
    this.#space = false;
    if (this.#link) {
      if (this.#link.line === 0) this.#link.line = this.#line;
      if (this.#link.label.length < 500) this.#link.label += (this.#link.label && gap ? ' ' : '') + text;
    }
    this.#out += gap + text;
  }

  #break(count: number): void {
    this.#breaks = Math.max(this.#breaks, count);
  }

  #hide(text: string): void {
    if (this.#hidden.length < MAX_TEXT) this.#hidden += text.replace(/\s+/g, ' ');
  }

  #endLink(): void {
    if (this.#link && this.#links.length < MAX_LINKS) {
      this.#links.push({ ...this.#link, line: this.#link.line || this.#line });
    }
    this.#link = null;
  }

  #readAttributes(name: string, attributes: HtmlAttributes): void {
    if (this.#attributes.length > MAX_TEXT || (name === 'meta' && attributes.has('http-equiv'))) return;
    for (const key of READ_ATTRIBUTES) {
      const value = attributes.get(key);
      if (value && !value.startsWith('data:')) this.#attributes += `${value.slice(0, 4000)}\n`;
    }
    const href = name === 'area' ? attributes.get('href') : undefined;
    if (href && this.#links.length < MAX_LINKS)
      this.#links.push({ href, label: attributes.get('alt') ?? '', line: this.#line });
  }
}
