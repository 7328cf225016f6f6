import { random } from './corpus.ts';

/** What hostile or broken programs put into mail: secrets, delimiters, half an escape, characters that take no room. */
const SCRAPS = [
  '\r\n\r\n',
  '\r\n--b\r\n',
  '=\r\n',
  '=?utf-8?B?4',
  '\0',
  '\u200b\u00ad\u2060',
  '\ud800',
  'İ',
  'ﬃ',
  '４８２９１３',
  ' Your verification code is 482913. ',
  '認証コード：482913',
  'AKIAIOSFODNN7EXAMPLE ',
  ' password: hunter22x ',
  ' 4111 1111 1111 1111 ',
  ' https://x.example/reset?token=abcdefghijk1234567890 ',
  ' arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0 ',
  ' within 24 hours of January 5, 2027 10:00 UTC ',
  '<div style="display:none">',
  '<!--',
  '<a href="',
  '&#x34;&shy;&#56;',
  'Content-Transfer-Encoding: base64\r\n',
  'Subject: again\r\n',
].map((text) => Buffer.from(text, 'utf8'));

/**
 * A broken mail, the same for the same seed and sources: random bytes, or one of the sources with bytes changed, cut,
 * doubled, taken from another source or strewn with scraps.
 */
export function mutatedMail(seed: number, sources: readonly Buffer[]): Buffer {
  const next = random(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));
  if (below(20) === 0) return noise(below(3000));
  let raw = Buffer.from(sources[below(sources.length)]!);
  for (let left = 1 + below(5); left > 0; left -= 1) {
    const at = below(raw.length + 1);
    const length = 1 + below(below(4) === 0 ? 2000 : 40);
    const [before, behind] = [raw.subarray(0, at), raw.subarray(at)];
    switch (below(6)) {
      case 0:
        raw = Buffer.concat([before, noise(1), behind.subarray(1)]);
        break;
      case 1:
        raw = Buffer.concat([before, behind.subarray(length)]);
        break;
      case 2:
        raw = Buffer.concat([before, behind.subarray(0, length), behind]);
        break;
      case 3: {
        const other = sources[below(sources.length)]!;
        const from = below(other.length);
        raw = Buffer.concat([before, other.subarray(from, from + length), behind]);
        break;
      }
      case 4:
        raw = Buffer.concat([before, SCRAPS[below(SCRAPS.length)]!, behind]);
        break;
      default:
        raw = Buffer.concat([before, noise(length), behind]);
    }
  }
  return raw;
}
