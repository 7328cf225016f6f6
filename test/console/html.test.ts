import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flag, type Html, html, type Value } from '../../src/console/html.ts';

describe('html', () => {
  test('escapes text and quoted attributes', () => {
    const evil = `"><img src=x onerror='alert(1)'>&`;
    expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;">&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;</p>',
    );
  });

  test('prints nothing for null, undefined and false, and the members of lists', () => {
    expect(html`<p>${null}${undefined}${false}${0}${[1, html`<b>${'<'}</b>`]}</p>`.text).toBe('<p>01<b>&lt;</b></p>');
  });

  test('markup inside an attribute is text again', () => {
    expect(html`<p title="${html`<b>"</b>`}"></p>`.text).toBe('<p title="&lt;b&gt;&quot;&lt;/b&gt;"></p>');
  });

  test.each([
    ['javascript:alert(1)', '#'],
    ['JaVaScRiPt:alert(1)', '#'],
    [' javascript:alert(1)', '#'],
    ['data:text/html,x', '#'],
    ['//evil.example', '#'],
    ['/\\evil.example', '#'],
    ['http://evil.example', '#'],
    ['/tickets/1', '/tickets/1'],
    ['?a=1', '?a=1'],
    ['https://console.aws.amazon.com/', 'https://console.aws.amazon.com/'],
  ])('an address %j becomes %j', (address, safe) => {
    expect(html`<a href="${address}">x</a>`.text).toBe(`<a href="${safe}">x</a>`);
  });

  const places: [string, (value: Value) => Html][] = [
    ['unquoted attribute', (value) => html`<p title=${value}></p>`],
    ['single-quoted attribute', (value) => html`<p title='${value}'></p>`],
    ['tag name', (value) => html`<${value}>`],
    ['event handler', (value) => html`<p onclick="${value}"></p>`],
    ['style attribute', (value) => html`<p style="color: ${value}"></p>`],
    ['script', (value) => html`<script>${value}</script>`],
    ['style', (value) => html`<style>${value}</style>`],
    ['comment', (value) => html`<!-- ${value} -->`],
  ];
  test.each(places)('a value in a place that cannot be made safe throws: %s', (_name, render) => {
    expect(() => render('harmless')).toThrow(SyntaxError);
  });

  test('between attributes only markup may stand', () => {
    expect(html`<option ${flag('selected', true)}>x</option>`.text).toBe('<option selected>x</option>');
    expect(() => html`<option ${'onclick=alert(1)'}>x</option>`).toThrow(TypeError);
  });

  test('no text ever opens a tag or ends an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const made = html`<p title="${text}">${text}</p>`.text;
        expect(made.match(/[<>]/g)).toHaveLength(4);
        expect(made.match(/"/g)).toHaveLength(2);
      }),
    );
  });
});
