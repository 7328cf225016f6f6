/** text/plain as people read it. */

/**
 * Joins the soft line breaks of format=flowed (RFC 3676 §4): a line that ends with a space goes on in the next one.
 * With DelSp=yes that space goes. A signature line `-- ` ends.
 */
export function unflow(text: string, deleteSpace: boolean): string {
  const out: string[] = [];
  let open = '';
  let openDepth = -1;
  for (const line of text.split('\n')) {
    const depth = quoteDepth(line);
    let content = line.slice(depth);
    if (content.startsWith(' ')) content = content.slice(1);
    const flows = content.endsWith(' ') && content !== '-- ';
    if (openDepth >= 0 && openDepth !== depth) {
      out.push(quote(openDepth) + open);
      open = '';
    }
    open += flows && deleteSpace ? content.slice(0, -1) : content;
    openDepth = depth;
    if (flows) continue;
    out.push(quote(depth) + open);
    open = '';
    openDepth = -1;
  }
  if (openDepth >= 0) out.push(quote(openDepth) + open);
  return out.join('\n');
}

function quoteDepth(line: string): number {
  let depth = 0;
  while (depth < 50 && line[depth] === '>') depth += 1;
  return depth;
}

function quote(depth: number): string {
  return depth > 0 ? `${'>'.repeat(depth)} ` : '';
}

const URL = /\bhttps?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40]{1,4000}/gi;

/** http and https addresses in a text, with the offset of each; closing brackets and punctuation of prose left off. */
export function* findUrls(text: string): Generator<{ url: string; index: number }> {
  if (!text.includes('://')) return;
  for (const { index, 0: written } of text.matchAll(URL)) {
    let url = withoutEnd(written, '.,;:!?*_~|');
    for (const [open, close] of ['()', '[]', '{}']) {
      if (url.endsWith(close!) && !url.includes(open!)) url = withoutEnd(url.slice(0, -1), '.,;:!?');
    }
    yield { url, index };
  }
}

function withoutEnd(text: string, punctuation: string): string {
  let end = text.length;
  while (end > 0 && punctuation.includes(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}
