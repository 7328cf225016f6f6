import { cleanText } from './cleanText.ts';
import { collectHiddenClasses, isHidden } from './hiddenStyle.ts';
import { type HtmlAttributes, type HtmlListener, readHtml } from './htmlTokens.ts';
import { withoutInvisible } from './invisible.ts';
import { lightness, safeStyle, styleValue } from './safeStyle.ts';

/** HTML of a mail written anew: what is known to be harmless is kept, text is masked, all else is gone. */
export type Rewritten = {
  html: string;
  /** Images that would have been loaded from elsewhere. */
  remoteImages: number;
  /** Links that are text now. */
  links: number;
  /** Chips in place of secrets. */
  sealed: number;
  /** Characters that people see, and characters that the sender hid from them. */
  shown: number;
  hidden: number;
  /** It was longer than what is shown of any mail. */
  cut: boolean;
};

export type RewriteOptions = {
  /** Masks secrets in a text (Redacted.clean). */
  clean(text: string): string;
  images: ReadonlyMap<string, string>;
};

const MAX_HTML = 400_000;
const MAX_OPEN = 200;

const KEPT = new Set(
  'abbr b big blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i li ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt u ul'.split(
    ' ',
  ),
);
/** Elements that say where a block ends, under another name here. */
const RENAMED: Record<string, string> = {
  address: 'div',
  article: 'div',
  aside: 'div',
  body: 'div',
  figure: 'div',
  footer: 'div',
  header: 'div',
  main: 'div',
  nav: 'div',
  section: 'div',
  a: 'u',
  ins: 'u',
};
const VOID = new Set(['br', 'hr', 'col']);
const COLOUR = /^(?:#?[0-9a-f]{3,6}|[a-z]{3,20})$/i;
const SIZES = /^\d{1,4}%?$/;
/** Attributes that stay where their value fits. */
const ATTRIBUTES: Record<string, RegExp> = {
  align: /^(?:left|right|center|justify)$/i,
  valign: /^(?:top|middle|bottom|baseline)$/i,
  dir: /^(?:ltr|rtl|auto)$/i,
  lang: /^[a-z]{2,3}(?:-[a-z]{2,4})?$/i,
  bgcolor: COLOUR,
  color: COLOUR,
  size: /^[+-]?\d$/,
  width: SIZES,
  height: SIZES,
  border: /^\d{1,2}$/,
  cellpadding: /^\d{1,3}$/,
  cellspacing: /^\d{1,3}$/,
  colspan: /^\d{1,2}$/,
  rowspan: /^\d{1,2}$/,
};

export function rewriteHtml(html: string, options: RewriteOptions): Rewritten {
  const writer = new HtmlWriter(options);
  readHtml(html, writer);
  return writer.finish();
}

/** Escapes for text and for attributes in double quotes. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

type Open = { name: string; tag: string | null; hides: boolean; ink: number; ground: number };

class HtmlWriter implements HtmlListener {
  #out = '';
  #stack: Open[] = [];
  #hiding = 0;
  #hiddenClasses = new Set<string>();
  #counts = { remoteImages: 0, links: 0, sealed: 0, shown: 0, hidden: 0 };
  readonly #clean: RewriteOptions['clean'];
  readonly #images: RewriteOptions['images'];

  constructor({ clean, images }: RewriteOptions) {
    this.#clean = clean;
    this.#images = images;
  }

  comment(): void {}

  raw(name: string, text: string): void {
    if (name === 'style') collectHiddenClasses(text, this.#hiddenClasses);
  }

  isFull(): boolean {
    return this.#out.length > MAX_HTML;
  }

  text(raw: string): void {
    const text = withoutInvisible(cleanText(raw));
    const count = text.replace(/\s+/g, '').length;
    if (this.#hiding > 0 || this.#isPale()) {
      this.#counts.hidden += count;
      if (this.#hiding > 0) return;
    } else this.#counts.shown += count;
    this.#out += this.#withChips(this.#clean(text));
  }

  /** What redaction leaves where a secret stood (see secrets.ts) becomes an element of ours; nothing of the mail can be one. */
  #withChips(text: string): string {
    let out = '';
    let done = 0;
    for (const match of text.matchAll(/\[(code|link|password|secret key|withheld)\]|(?:AKIA|ASIA)…[0-9A-Z]{4}/g)) {
      this.#counts.sealed += 1;
      out += escapeText(text.slice(done, match.index));
      out += `<ins class="sealed-${(match[1] ?? 'access key').replace(' ', '_')}">${match[0]}</ins>`;
      done = match.index + match[0].length;
    }
    return out + escapeText(text.slice(done));
  }

  open(name: string, attributes: HtmlAttributes | null): void {
    if (name === 'img') this.#image(attributes);
    const tag = KEPT.has(name) ? name : (RENAMED[name] ?? null);
    if (VOID.has(name)) {
      if (this.#hiding === 0) this.#out += `<${name}${this.#attributes(attributes)}>`;
      return;
    }
    if (this.#stack.length >= MAX_OPEN || ['img', 'input', 'meta', 'link', 'base', 'area', 'wbr'].includes(name))
      return;
    const hides = attributes !== null && isHidden(attributes, this.#hiddenClasses);
    if (hides) this.#hiding += 1;
    if (name === 'a' && attributes?.has('href') && this.#hiding === 0) this.#counts.links += 1;
    const above = this.#stack.at(-1);
    const style = safeStyle(attributes?.get('style') ?? '');
    const ink = lightness(styleValue(style, 'color') ?? attributes?.get('color') ?? '') ?? above?.ink ?? 0;
    const ground =
      lightness(styleValue(style, 'background-color') ?? attributes?.get('bgcolor') ?? '') ?? above?.ground ?? 1;
    this.#stack.push({ name, tag, hides, ink, ground });
    if (tag !== null && this.#hiding === 0) this.#out += `<${tag}${this.#attributes(attributes)}>`;
  }

  close(name: string): void {
    const at = this.#stack.findLastIndex((one) => one.name === name);
    while (at >= 0 && this.#stack.length > at) this.#pop();
  }

  #pop(): void {
    const { tag, hides } = this.#stack.pop()!;
    if (tag !== null && this.#hiding === 0) this.#out += `</${tag}>`;
    if (hides) this.#hiding -= 1;
  }

  /** Ink that nobody can tell from the ground it stands on. */
  #isPale(): boolean {
    const { ink, ground } = this.#stack.at(-1) ?? { ink: 0, ground: 1 };
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05) < 1.3;
  }

  #attributes(attributes: HtmlAttributes | null): string {
    if (attributes === null) return '';
    let out = '';
    for (const [name, fits] of Object.entries(ATTRIBUTES)) {
      const value = attributes.get(name)?.trim();
      if (value && fits.test(value)) out += ` ${name}="${value}"`;
    }
    const style = safeStyle(attributes.get('style') ?? '');
    // Nobody reads a style, but it is in the page.
    return style === '' || this.#clean(style) !== style ? out : `${out} style="${escapeText(style)}"`;
  }

  #image(attributes: HtmlAttributes | null): void {
    if (this.#hiding > 0 || attributes === null) return;
    const source = attributes.get('src')?.trim() ?? '';
    const label = this.#clean(withoutInvisible(cleanText(attributes.get('alt') ?? ''))).slice(0, 300);
    const inline = /^cid:/i.test(source) ? this.#images.get(source.slice(4)) : undefined;
    if (inline !== undefined) {
      this.#out += `<img src="${inline}" alt="${escapeText(label)}"${this.#attributes(attributes)}>`;
      return;
    }
    if (/^(?:https?:)?\/\//i.test(source)) this.#counts.remoteImages += 1;
    if (label.trim() !== '') this.#out += `<span>${escapeText(label)}</span>`;
  }

  finish(): Rewritten {
    const cut = this.isFull();
    while (this.#stack.length > 0) this.#pop();
    return { html: this.#out, ...this.#counts, cut };
  }
}
