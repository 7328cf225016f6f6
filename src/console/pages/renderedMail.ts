import { htmlToLines } from '../../core/htmlText.ts';
import { type Html, html, trusted } from '../html.ts';
import type { MailView } from '../htmlViews.ts';
import type { Masker } from '../mask.ts';
import type { Texts } from '../words/texts.ts';
import { sealedChip } from './marks.ts';

/**
 * The document inside the frame. Its policy forbids everything but inline styles and `data:` images, and its sandbox has
 * no origin: nothing in it can load, run, lead away or reach the page around it. Light in both themes, because a
 * sender's colours carry meaning.
 */
export const RENDERED_HEADERS: Record<string, string> = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'self'; sandbox",
  'x-frame-options': 'SAMEORIGIN',
};

const STYLE = trusted(`<style>
:root{color-scheme:light only;background:#fff;color:#1c1d1f;font:14px/21px Arial,"Noto Sans","Hiragino Sans","Yu Gothic UI","Noto Sans CJK JP",Meiryo,sans-serif}
@media (prefers-color-scheme:dark){:root{background:#f4f4f1}}
body{margin:0;padding:16px 20px;overflow-wrap:anywhere}
img{max-width:100%;height:auto}
table{max-width:100%}
p{margin:0 0 12px}
.chip{display:inline-flex;align-items:center;gap:8px;padding:0 14px 0 6px;border:1px solid #85898f;border-radius:4px;background:repeating-linear-gradient(135deg,transparent 0 5px,#e9e9e4 5px 6px) #fff;color:#454a52;font:12px/17px sans-serif;white-space:nowrap;vertical-align:1px}
.icon{width:11px;height:11px;fill:none;stroke:currentColor;stroke-width:1.5}
</style>`);

/** The sanitised view with chips in the reader's language; null when a root address would stand in it. */
export function renderedMail(t: Texts, view: MailView, mask: Masker): Html | null {
  if (!view.shown) return null;
  const masked = mask(view.html);
  // An address that markup cuts in two would be masked in part only.
  const { text } = htmlToLines(masked);
  if (mask(text) !== text) return null;
  const words: Record<string, string> = t.sealed;
  const shown = masked.replace(
    /<ins class="sealed-([a-z_]+)">([^<]*)<\/ins>/g,
    (_whole, kind: string, mark: string) =>
      sealedChip(kind === 'access_key' ? `${t.sealed.access_key} ${mark}` : (words[kind] ?? t.sealed.other)).text,
  );
  return html`<!doctype html>
<html lang="${t.lang}"><head><meta charset="utf-8"><title>${t.ticket.mailUnknown}</title>${STYLE}</head><body>${trusted(shown)}</body></html>
`;
}
