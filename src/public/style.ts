import { createHash } from 'node:crypto';
import { trusted } from '../lib/html.ts';

/** The only style of the public pages; the policy names it by its hash, so nothing else is applied. */
const CSS =
  ':root{color-scheme:light dark;--bg:#f6f6f3;--surface:#fff;--line:#d3d3cd;--control:#85898f;--ink:#17191c;--ink-2:#454a52;--accent:#1d4a86;--on-accent:#fff;--warn-soft:#faf0dc;--warn:#7d4b00}' +
  '@media(prefers-color-scheme:dark){:root{--bg:#121417;--surface:#181b1f;--line:#363b42;--control:#737a83;--ink:#e6e8ea;--ink-2:#b9bfc6;--accent:#93b9ee;--on-accent:#0c1829;--warn-soft:#30250f;--warn:#e6b25c}}' +
  '*{box-sizing:border-box}body{margin:0;padding:24px 16px;background:var(--bg);color:var(--ink);font:16px/1.6 "Segoe UI",-apple-system,"Noto Sans","Hiragino Sans","Yu Gothic UI","Noto Sans CJK JP",Meiryo,sans-serif}' +
  ':lang(ja){word-break:auto-phrase}main{max-width:640px;margin:0 auto;padding:24px;background:var(--surface);border:1px solid var(--line);border-radius:8px}' +
  'h1{margin:0 0 16px;font-size:22px;line-height:1.35}p{margin:0 0 16px}dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:0 0 16px}dt{color:var(--ink-2)}dd{margin:0;overflow-wrap:anywhere}' +
  '.power{padding:12px;border-radius:6px;background:var(--warn-soft);color:var(--warn)}form{display:flex;flex-wrap:wrap;gap:12px;margin:24px 0 0}label{flex:1 0 100%}' +
  'input{display:block;width:100%;margin-top:4px;padding:10px;border:1px solid var(--control);border-radius:6px;background:var(--surface);color:inherit;font:inherit}' +
  'button{min-height:44px;padding:8px 20px;border:1px solid var(--control);border-radius:6px;background:var(--surface);color:var(--ink);font:inherit;cursor:pointer}button.first{border-color:var(--accent);background:var(--accent);color:var(--on-accent)}' +
  ':focus-visible{outline:2px solid var(--accent);outline-offset:2px}';

export const STYLE = trusted(`<style>${CSS}</style>`);

const STYLE_HASH = createHash('sha256').update(CSS).digest('base64');

/** No script, no request, no frame, no base; forms go to ourselves only. The address holds a token: it is told to nobody. */
export const HEADERS: Record<string, string> = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
};
