/**
 * The shape of a word as people see it at a glance (after Unicode TS 39 "confusables", kept to what is used against the
 * names of Amazon): accents off, Cyrillic, Greek and other letters to the Latin ones that they look like, digits to
 * letters, `rn` to `m`.
 */
export function skeleton(text: string): string {
  const folded = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  let out = '';
  for (const char of folded) out += LOOKS_LIKE[char] ?? char;
  return out.replace(/rn/g, 'm').replace(/vv/g, 'w');
}

const LOOKS_LIKE: Record<string, string> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '|': 'l',
};
const PAIRS =
  'аa αa ɑa ԁd еe εe оo οo σo օo рp ρp сc ϲc уy γy хx χx ѕs іi ιi ıi јj һh нh кk κk мm тt τt вb вb гr ѡw ԝw ωw шw ѵv νv νv зz ʐz ᴢz ոn пn ηn ñn ѐe ʏy ⅿm ⅼl ӏl';
for (const pair of PAIRS.split(' ')) LOOKS_LIKE[pair[0]!] = pair[1]!;
