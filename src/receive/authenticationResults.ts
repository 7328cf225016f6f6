/** One method of an Authentication-Results field: `dkim=pass header.d=amazon.com header.s=abc`. */
export type MethodResult = {
  /** Lower case. */
  method: string;
  /** Lower case. */
  result: string;
  /** ptype.property, lower case, to value: `header.d`, `smtp.mailfrom`, `policy.…`. */
  properties: Map<string, string>;
  /** Comments of this method, joined: Google and others say the DMARC policy only there. */
  comment: string;
};

export type AuthenticationResults = { authservId: string; methods: MethodResult[] };

const MAX_LENGTH = 16 * 1024;
const MAX_METHODS = 60;

type Token = { type: 'word' | 'sign' | 'comment'; text: string };

/**
 * Reads the value of an Authentication-Results field (RFC 8601 §2.2): comments, quoted strings and white space where the
 * grammar allows them. Null when it is not one: an unreadable field must not count as half a field.
 */
export function readAuthenticationResults(value: string): AuthenticationResults | null {
  if (value.length > MAX_LENGTH) return null;
  const tokens = tokenize(value);
  if (!tokens) return null;
  const [head = [], ...rest] = split(tokens);
  const words = head.filter((token) => token.type !== 'comment');
  const [id, version, more] = words;
  // authserv-id, and an optional version, which is 1 (§2.2).
  if (id?.type !== 'word' || more || (version && version.text !== '1')) return null;
  const methods: MethodResult[] = [];
  for (const part of rest.slice(0, MAX_METHODS)) {
    if (part.every((token) => token.type === 'comment')) continue;
    const method = readMethod(part);
    if (method === null) return null;
    if (method !== 'none') methods.push(method);
  }
  return { authservId: id.text.toLowerCase(), methods };
}

function readMethod(part: Token[]): MethodResult | 'none' | null {
  const comment = part
    .filter((token) => token.type === 'comment')
    .map((token) => token.text)
    .join(' ');
  const text = part.filter((token) => token.type !== 'comment');
  if (text.length === 1 && text[0]?.text.toLowerCase() === 'none') return 'none';
  let at = 0;
  const word = (): string | null => (text[at]?.type === 'word' ? (text[at++] as Token).text : null);
  const sign = (mark: string): boolean => {
    if (text[at]?.type !== 'sign' || text[at]?.text !== mark) return false;
    at += 1;
    return true;
  };
  const method = word();
  if (method === null) return null;
  if (sign('/') && word() === null) return null;
  if (!sign('=')) return null;
  const result = word();
  if (result === null) return null;
  const properties = new Map<string, string>();
  while (at < text.length) {
    const name = word();
    if (name === null || !sign('=')) return null;
    const propertyValue = word();
    if (propertyValue === null) return null;
    const key = name.toLowerCase();
    // The same property twice is ambiguous: neither counts.
    properties.set(key, properties.has(key) && properties.get(key) !== propertyValue ? '' : propertyValue);
  }
  return { method: method.toLowerCase(), result: result.toLowerCase(), properties, comment };
}

function split(tokens: Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.type === 'sign' && token.text === ';') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Cuts at white space, `;`, `/` and `=`; behind a `=` the latter two are part of the value (`header.b=a/b=`). */
function tokenize(value: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < value.length) {
    const char = value[at] as string;
    if (/\s/.test(char)) at += 1;
    else if (char === '(') {
      const end = commentEnd(value, at);
      if (end < 0) return null;
      tokens.push({ type: 'comment', text: value.slice(at + 1, end - 1) });
      at = end;
    } else {
      const before = tokens.findLast((token) => token.type !== 'comment');
      const inValue = before?.type === 'sign' && before.text === '=';
      if (char === ';' || (!inValue && (char === '=' || char === '/'))) {
        tokens.push({ type: 'sign', text: char });
        at += 1;
        continue;
      }
      const ends = inValue ? /[\s;(]/ : /[\s;(=/]/;
      let text = '';
      while (at < value.length && !ends.test(value[at] as string)) {
        const end = value[at] === '"' ? quoteEnd(value, at) : at + 1;
        if (end < 0) return null;
        const piece = value.slice(at, end);
        text += piece[0] === '"' ? piece.slice(1, -1).replace(/\\(.)/g, '$1') : piece;
        at = end;
      }
      tokens.push({ type: 'word', text });
    }
  }
  return tokens;
}

/** Behind the closing bracket of the comment that opens here, -1 when it never closes. Comments nest (RFC 5322 §3.2.2). */
function commentEnd(value: string, start: number): number {
  let depth = 0;
  for (let at = start; at < value.length; at++) {
    if (value[at] === '\\') at += 1;
    else if (value[at] === '(') depth += 1;
    else if (value[at] === ')' && --depth === 0) return at + 1;
  }
  return -1;
}

function quoteEnd(value: string, start: number): number {
  for (let at = start + 1; at < value.length; at++) {
    if (value[at] === '\\') at += 1;
    else if (value[at] === '"') return at + 1;
  }
  return -1;
}
