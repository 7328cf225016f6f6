import { type Signs, signsOf } from './signs.ts';

/** AWS Regions by code and by the long names of AWS's mails; the value is always the code. */

const LONG_NAMES: Record<string, string> = {
  'us-east-1': 'n. virginia|northern virginia|バージニア北部|버지니아 북부',
  'us-east-2': 'ohio|オハイオ|오하이오',
  'us-west-1': 'n. california|northern california|北カリフォルニア|캘리포니아 북부',
  'us-west-2': 'oregon|オレゴン|오레곤',
  'af-south-1': 'cape town|ケープタウン',
  'ap-east-1': 'hong kong|香港|홍콩',
  'ap-east-2': 'taipei|台北',
  'ap-south-1': 'mumbai|ムンバイ|뭄바이',
  'ap-south-2': 'hyderabad|ハイデラバード',
  'ap-northeast-1': 'tokyo|東京|도쿄',
  'ap-northeast-2': 'seoul|ソウル|서울',
  'ap-northeast-3': 'osaka|大阪|오사카',
  'ap-southeast-1': 'singapore|シンガポール|싱가포르',
  'ap-southeast-2': 'sydney|シドニー|시드니',
  'ap-southeast-3': 'jakarta|ジャカルタ',
  'ap-southeast-4': 'melbourne|メルボルン',
  'ap-southeast-5': 'malaysia|マレーシア',
  'ap-southeast-6': 'new zealand|auckland',
  'ap-southeast-7': 'thailand|タイ',
  'ca-central-1': 'canada central|central|canada \\(central\\)',
  'ca-west-1': 'calgary|カルガリー',
  'eu-central-1': 'frankfurt|フランクフルト|프랑크푸르트',
  'eu-central-2': 'zurich|チューリッヒ',
  'eu-west-1': 'ireland|アイルランド|아일랜드',
  'eu-west-2': 'london|ロンドン|런던',
  'eu-west-3': 'paris|パリ|파리',
  'eu-north-1': 'stockholm|ストックホルム',
  'eu-south-1': 'milan|ミラノ',
  'eu-south-2': 'spain|スペイン',
  'il-central-1': 'tel aviv|テルアビブ',
  'me-central-1': 'uae|アラブ首長国連邦',
  'me-south-1': 'bahrain|バーレーン',
  'mx-central-1': 'mexico central|メキシコ',
  'sa-east-1': 'são paulo|sao paulo|サンパウロ|상파울루',
  'us-gov-east-1': 'us-east gov|aws govcloud \\(us-east\\)',
  'us-gov-west-1': 'us-west gov|aws govcloud \\(us-west\\)',
  'cn-north-1': 'beijing|北京',
  'cn-northwest-1': 'ningxia|寧夏|宁夏',
};
const CODE = new RegExp(`(?<![a-z0-9-])(${Object.keys(LONG_NAMES).join('|')})([a-f])?(?![a-z0-9])`, 'gi');
/** A place name alone is no Region: it must stand in "Europe (Ireland)" or "Ireland Region" form. */
const AREA =
  '(?:US East|US West|Asia Pacific|Europe|EU|Africa|Canada|Middle East|South America|Israel|Mexico|China|米国東部|米国西部|アジアパシフィック|欧州|ヨーロッパ|アフリカ|カナダ|中東|南米|イスラエル|メキシコ|미국 동부|미국 서부|아시아 태평양|유럽)';
const PLACES = Object.entries(LONG_NAMES).flatMap(([code, names]) =>
  names.split('|').map((name) => [name.replaceAll('\\', ''), code] as const),
);
const patternOf = (places: typeof PLACES): string =>
  [...places]
    .sort((a, b) => b[0].length - a[0].length)
    .map(([name]) => name.replace(/[.()]/g, '\\$&'))
    .join('|');
// Both begin with what is rare in a text and look back from there: places are tried only where one may stand.
const LONG = new RegExp(`[(（](?<=(${AREA}\\s{0,2})[(（])\\s?(${patternOf(PLACES)})\\s?[)）]`, 'giu');
// Without "central", which is no Region by itself: V8 reorders the alternatives of a look behind, so that none of them may
// be the end of another one ("mexico central").
const NAMED_PLACES = patternOf(PLACES.filter(([name]) => name !== 'central'));
const NAMED_END = '(?:Region|リージョン|리전)';
const NAMED = new RegExp(`${NAMED_END}(?<=((?<![\\p{L}])(${NAMED_PLACES})\\s?(?:AWS )?)${NAMED_END})`, 'giu');
/** Names that are unambiguous wherever they stand: AWS Health writes "EC2 operational issue (N. Virginia)". */
const PLAIN = /(?<![\p{L}])((?:n\.|northern) (?:virginia|california))(?![\p{L}])/giu;
const CODE_OF = new Map(PLACES);

export type RegionFound = { index: number; code: string };

/** Regions of a text. Availability Zones (`us-east-1a`) count as their Region. */
export function scanRegions(text: string, signs: Signs = signsOf(text)): RegionFound[] {
  const found: RegionFound[] = [];
  for (const match of text.matchAll(CODE)) found.push({ index: match.index, code: match[1]!.toLowerCase() });
  for (const pattern of signs.has('regionName') ? [LONG, NAMED] : []) {
    for (const match of text.matchAll(pattern)) {
      const code = CODE_OF.get(match[2]!.toLowerCase());
      if (code !== undefined) found.push({ index: match.index - match[1]!.length, code });
    }
  }
  for (const match of signs.has('regionPlace') ? text.matchAll(PLAIN) : [])
    found.push({ index: match.index, code: CODE_OF.get(match[1]!.toLowerCase())! });
  return found.sort((a, b) => a.index - b.index);
}
