/**
 * Bytes to text, whatever the mail claims. A charset label is a hint: senders label UTF-8 as Latin-1, send ISO-2022-JP
 * without any label, and raw Shift_JIS, EUC-JP, GBK or EUC-KR as "us-ascii".
 */

/** Labels that the Encoding Standard does not know, and what they mean. */
const ALIASES: Record<string, string> = {
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-2022-jp-3': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  cp51932: 'euc-jp',
  eucjp: 'euc-jp',
  'eucjp-ms': 'euc-jp',
  cp936: 'gbk',
  cp949: 'euc-kr',
  uhc: 'euc-kr',
  cp950: 'big5',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1252: 'windows-1252',
  latin1: 'windows-1252',
};

/** Labels that say nothing: the bytes are looked at instead. */
const VAGUE = /^(|utf-?8|us-?ascii|ascii|ansi_x3\.4-1968|default|none|unknown(-8bit)?|x-unknown|binary|8bit|7bit)$/;
const LATIN = /^(iso-?8859-?1|latin1|windows-1252|cp1252|x-user-defined)$/;

type Decoder = InstanceType<typeof TextDecoder>;

const decoders = new Map<string, Decoder | null>();

/** Text of these bytes. Never throws; bytes that are no text become U+FFFD. UTF-7 is refused (it hides markup). */
export function decodeText(bytes: Uint8Array, label: string | null): string {
  const name = (label ?? '').trim().toLowerCase();
  if (VAGUE.test(name)) return decodeUnlabelled(bytes);
  if (LATIN.test(name))
    return isAscii7(bytes) || isUtf8(bytes) ? decodeUnlabelled(bytes) : decodeAs(bytes, 'windows-1252');
  const text = decodeAs(bytes, name);
  if (text === '' && bytes.length > 0 && decoder(name) === null) return decodeUnlabelled(bytes);
  // The label is wrong when it makes rubbish of bytes that are valid UTF-8.
  return text.includes('\ufffd') && isUtf8(bytes) ? utf8(bytes) : text;
}

function decodeUnlabelled(bytes: Uint8Array): string {
  const text = utf8(bytes);
  if (!text.includes('\ufffd'))
    return text.includes('\x1b') && isIso2022Jp(text) ? decodeAs(bytes, 'iso-2022-jp') : text;
  if (isUtf8(bytes)) return text;
  const guess = guessEightBit(bytes);
  return guess === null ? mostlyUtf8(bytes, text) : decodeAs(bytes, guess);
}

/** UTF-8 with a few broken bytes stays UTF-8; else it is Latin text of the West. */
function mostlyUtf8(bytes: Uint8Array, text: string): string {
  let broken = 0;
  let whole = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd) broken += 1;
    else if (code > 127) whole += 1;
  }
  return whole > broken ? text : decodeAs(bytes, 'windows-1252');
}

function decodeAs(bytes: Uint8Array, name: string): string {
  const found = decoder(name);
  return found?.decode(found.encoding === 'iso-2022-jp' ? withoutIdleEscapes(bytes) : bytes) ?? '';
}

/**
 * ISO-2022-JP without escapes that another one follows at once. Senders make them where they put lines or encoded words
 * together, each of which ends in ASCII (RFC 1468); the Encoding Standard calls that an error and shows U+FFFD.
 */
function withoutIdleEscapes(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return Buffer.from(text.replace(/\x1b(?:\([BJI]|\$[@B]|\$\(D)(?=\x1b)/g, ''), 'latin1');
}

function decoder(name: string): Decoder | null {
  let found = decoders.get(name);
  if (found === undefined) {
    try {
      found = new TextDecoder(ALIASES[name] ?? name, { ignoreBOM: false });
    } catch {
      found = null;
    }
    // Labels come from strangers: the cache must not grow with them.
    if (decoders.size < 100) decoders.set(name, found);
  }
  return found;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function isAscii7(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 127) return false;
  return true;
}

function utf8(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** RFC 1468: the escapes that switch to JIS X 0208 or to half-width kana. */
function isIso2022Jp(text: string): boolean {
  return text.includes('\x1b$B') || text.includes('\x1b$@') || text.includes('\x1b(I') || text.includes('\x1b$(D');
}

/** Enough to tell the charsets apart, little enough to be cheap. */
const SAMPLE = 8192;

/** Which East Asian charset these (not UTF-8) bytes are in, or null for Latin text. */
function guessEightBit(all: Uint8Array): string | null {
  const bytes = all.subarray(0, SAMPLE);
  const sjis = scanShiftJis(bytes);
  const euc = scanEuc(bytes);
  // Kana decide for Japanese; the row of hiragana is at the same place in EUC-JP and GB 2312, and Chinese has none.
  if (sjis.kana > 0 && sjis.broken === 0 && sjis.kana * 10 >= sjis.characters) return 'shift_jis';
  if (euc.pairs > 0 && euc.broken <= euc.pairs / 50) {
    if (euc.kana * 10 >= euc.pairs) return 'euc-jp';
    if (euc.hangul * 10 >= euc.pairs * 9 && euc.chinesePunctuation === 0) return 'euc-kr';
    return 'gb18030';
  }
  if (sjis.broken === 0 && sjis.characters > 1 && sjis.double * 2 >= sjis.characters) return 'shift_jis';
  return null;
}

function scanShiftJis(bytes: Uint8Array): { characters: number; double: number; kana: number; broken: number } {
  let characters = 0;
  let double = 0;
  let kana = 0;
  let broken = 0;
  for (let i = 0; i < bytes.length; i++) {
    const lead = bytes[i]!;
    if (lead < 0x80) continue;
    characters += 1;
    if (lead >= 0xa1 && lead <= 0xdf) continue; // half-width kana
    const trail = bytes[i + 1];
    if (trail === undefined) break;
    const validLead = (lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc);
    if (!validLead || trail < 0x40 || trail === 0x7f || trail > 0xfc) {
      broken += 1;
      continue;
    }
    double += 1;
    if ((lead === 0x82 && trail >= 0x9f && trail <= 0xf1) || (lead === 0x83 && trail <= 0x96)) kana += 1;
    i += 1;
  }
  return { characters, double, kana, broken };
}

function scanEuc(bytes: Uint8Array) {
  const seen = { pairs: 0, kana: 0, hangul: 0, chinesePunctuation: 0, broken: 0 };
  for (let i = 0; i < bytes.length; i++) {
    const lead = bytes[i]!;
    if (lead < 0x80) continue;
    const trail = bytes[i + 1];
    if (trail === undefined) break;
    if (lead < 0xa1 || lead === 0xff || trail < 0xa1 || trail === 0xff) {
      seen.broken += 1;
      continue;
    }
    seen.pairs += 1;
    if (lead === 0xa4 || lead === 0xa5) seen.kana += 1;
    else if (lead >= 0xb0 && lead <= 0xc8) seen.hangul += 1;
    else if ((lead === 0xa3 && trail === 0xac) || (lead === 0xa1 && trail === 0xa3)) seen.chinesePunctuation += 1;
    i += 1;
  }
  return seen;
}
