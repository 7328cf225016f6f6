import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HtmlView, readHtmlView } from '../../src/core/htmlView.ts';

const mail = (html: string, more: { plain?: string; parts?: string[]; subject?: string } = {}) => {
  const parts = [
    ...(more.plain === undefined ? [] : [`Content-Type: text/plain; charset=utf-8\r\n\r\n${more.plain}`]),
    `Content-Type: text/html; charset=utf-8\r\n\r\n${html}`,
  ];
  const alternative = `Content-Type: multipart/alternative; boundary=alt\r\n\r\n${parts.map((part) => `--alt\r\n${part}\r\n`).join('')}--alt--\r\n`;
  const related = [alternative, ...(more.parts ?? [])].map((part) => `--rel\r\n${part}\r\n`).join('');
  return Buffer.from(
    `From: no-reply@amazonaws.com\r\nTo: root@example.net\r\nSubject: ${more.subject ?? 'Hello'}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=rel\r\n\r\n${related}--rel--\r\n`,
  );
};
const view = (html: string, more?: Parameters<typeof mail>[1]) => readHtmlView(mail(html, more));
const shown = async (html: string, more?: Parameters<typeof mail>[1]): Promise<Extract<HtmlView, { shown: true }>> => {
  const made = await view(html, more);
  if (!made.shown) throw new Error(`not shown: ${made.why}`);
  return made;
};

const LONG = 'This is a sentence that people read, long enough to be the body of a mail.';

describe('what a view keeps', () => {
  test('structure, styles of text, tables', async () => {
    const { html } = await shown(
      `<body bgcolor="#eeeeee"><table width="600" cellpadding="4"><tr><td style="color:#333;font-weight:bold;position:fixed">${LONG}</td></tr></table></body>`,
    );
    expect(html).toContain('<table width="600" cellpadding="4"><tr><td style="color:#333;font-weight:bold">');
    expect(html).toContain(LONG);
  });

  test('a link is dead text and counted', async () => {
    const made = await shown(`<p>${LONG} <a href="https://example.com/x?token=1">Open it</a></p>`);
    expect(made.html).toContain('<u>Open it</u>');
    expect(made.html).not.toContain('example.com');
    expect(made.links).toBe(1);
  });

  test('remote images are counted and gone, inline raster images stand in the document', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').toString('base64');
    const made = await shown(
      `<p>${LONG}</p><img src="https://tracker.example/p.gif" alt="Logo"><img src="cid:one@x"><img src="cid:evil@x">`,
      {
        parts: [
          `Content-Type: image/png\r\nContent-ID: <one@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n${png}`,
          'Content-Type: image/png\r\nContent-ID: <evil@x>\r\n\r\n<svg onload="alert(1)"></svg>',
        ],
      },
    );
    expect(made.remoteImages).toBe(1);
    expect(made.html).toContain('<span>Logo</span>');
    expect(made.html).toContain(`<img src="data:image/png;base64,${png}" alt="">`);
    expect(made.html.match(/<img/g)).toHaveLength(1);
    expect(made.html).not.toContain('tracker');
  });

  test('scripts, forms, frames, styles that load, handlers and comments are gone', async () => {
    const { html } = await shown(
      `<p onclick="x()" style="background:url(https://a.example/x);color:red">${LONG}</p><script>alert(1)</script><style>@import url(https://a.example)</style><form action="https://a.example"><input value="x"><button formaction="https://a.example">go</button></form><iframe src="https://a.example"></iframe><object data="https://a.example"></object><svg><a xlink:href="javascript:1">y</a></svg><!-- <img src=x> -->`,
    );
    expect(html).not.toMatch(/a\.example|onclick|script|iframe|form|input|button|object|svg|url\(|xlink/);
    expect(html).toContain('style="color:red"');
  });
});

describe('secrets', () => {
  test('a mail with a code has no view', async () => {
    expect(await view(`<p>Your verification code is <b>482913</b>. ${LONG}</p>`)).toEqual({
      shown: false,
      why: 'sealed',
    });
  });

  test('access keys and acting links become chips', async () => {
    const made = await shown(
      `<p>${LONG} The key <b>AKIAIOSFODNN7EXAMPLE</b> is public, see https://example.com/reset-password?token=abcdef0123456789abcdef</p>`,
    );
    expect(made.html).toContain('<ins class="sealed-access_key">AKIA…MPLE</ins>');
    expect(made.html).toContain('<ins class="sealed-link">[link]</ins>');
    expect(made.html).not.toContain('abcdef0123456789');
    expect(made.sealed).toBe(2);
  });

  test('what markup cuts in two is not shown at all', async () => {
    const made = await view(`<p>${LONG} The key AKIAIOS<span>FODNN7</span>EXAMPLE is public.</p>`);
    expect(made).toEqual({ shown: false, why: 'unsafe' });
  });

  test('an element of the mail is never taken for a chip of ours', async () => {
    const { html } = await shown(`<p>${LONG} <ins class="sealed-link">[press here]</ins></p>`);
    expect(html).not.toContain('<ins');
  });

  test('no view says what the text form hides', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE'),
        fc.constantFrom(
          (key: string) => `<p>${key}</p>`,
          (key: string) => `<a href="https://x.example/${key}">${key}</a>`,
          (key: string) => `<img alt="${key}" src="https://x.example/${key}.png">`,
          (key: string) => `<td title="${key}" width="${key}">${key.slice(0, 9)}&#8203;${key.slice(9)}</td>`,
          (key: string) => `<b>${key.slice(0, 5)}</b><i>${key.slice(5)}</i>`,
          (key: string) => `<p lang="${key}" style="font-family:${key}">${key.split('').join('&zwnj;')}</p>`,
        ),
        async (key, dress) => {
          const made = await readHtmlView(mail(`<p>${LONG}</p>${dress(key)}`));
          if (!made.shown) return;
          expect(made.html.replace(/<[^>]*>/g, '').replace(/\s/g, '')).not.toContain(key);
          expect(made.html).not.toContain(key);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('bodies that hide', () => {
  test.each([
    ['display:none', `<div style="display:none">${LONG}</div><p>Hi</p>`],
    ['size 0', `<div style="font-size:0">${LONG}</div><p>Hi</p>`],
    ['white on white', `<div style="color:#ffffff">${LONG}</div><p>Hi</p>`],
    ['white on white by attributes', `<font color="white">${LONG}</font><p>Hi</p>`],
    ['black on black', `<td bgcolor="#000000">${LONG}</td>`],
    ['a class', `<style>.h{display:none}</style><p class="h">${LONG}</p>`],
    ['the whole body', `<body style="display:none"><p>${LONG}</p></body>`],
  ])('%s: text is shown instead', async (_how, html) => {
    expect(await view(html)).toEqual({ shown: false, why: 'hidden' });
  });

  test('a preheader does not count as one, and white on dark is read', async () => {
    await shown(`<div style="display:none">Preview</div><div style="background:#232f3e;color:#fff">${LONG}</div>`);
  });
});

describe('bounds', () => {
  test('plain mail has none, a huge one is too large, and any bytes end', async () => {
    expect(await readHtmlView(Buffer.from('Subject: x\r\n\r\nhello'))).toEqual({ shown: false, why: 'none' });
    expect(await view(`<p>${'word '.repeat(120_000)}</p>`)).toEqual({ shown: false, why: 'large' });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (text) => {
        await readHtmlView(mail(`<p>${LONG}${text}`));
      }),
      { numRuns: 200 },
    );
  });

  test('every element that is opened is closed', async () => {
    const { html } = await shown(`<div><p>${LONG}<table><tr><td>a<td>b<b>c`);
    for (const name of ['div', 'p', 'table', 'tr', 'td', 'b'])
      expect(html.match(new RegExp(`<${name}\\b`, 'g'))?.length, name).toBe(
        html.match(new RegExp(`</${name}>`, 'g'))?.length,
      );
  });
});
