/** "enter 482913 to continue": no word for a code, but one right before a digit. */
function beforeDigits(...words: string[]): string {
  return words.flatMap((word) => Array.from('0123456789', (digit) => word + digit)).join('|');
}

/**
 * Signs: words of which one must stand in a text for a certain search to find anything. One pass finds all of them
 * (Aho–Corasick, 1975), in linear time whatever the text is; most texts have few, and the searches behind the others are
 * spared. A search that finds more than its sign lets it see is a fault: test/core/signs.test.ts holds each to it.
 */
const WORDS = {
  // codeWords.ts
  code: `cod|cód|kod|otp|pin|pass|token|tion number|time number|kennwort|einmal|contrase|senha| to verify| to sign| to log| to confirm|コード|番号|パスワード|码|碼|密|코드|번호|код|парол|${beforeDigits('use ', 'enter ', 'type ')}`,
  // secretTokens.ts
  accessKey: 'akia|asia|abia|acca',
  /** No sign of a search, but what makes forty characters a key. */
  secret: 'secret',
  keyLabel: 'secret|token|apikey|api key|api_key|api-key',
  seed: 'seed|secret|setup key|otpauth|mfa|totp|シークレット|シード',
  tokenStart: 'ghp_|gho_|ghu_|ghs_|ghr_|github_pat|xox|sk-|glpat|eyj',
  password: 'pass|pwd|kennwort|contraseña|senha|wachtwoord|пароль|パスワード|密|비밀',
  card: 'card|visa|master|amex|american express|discover|jcb|diners|credit|debit|payment method|カード|karte|carte|tarjeta|cartão|信用卡|카드',
  // scanIds.ts
  arn: 'arn:aws',
  case: 'case|displayid=|ケース|お問い合わせ番号|케이스|工单|案例',
  abuse: 'abuse|悪用|不正使用',
  report: 'report|case',
  invoice: 'invoice|credit memo|請求書|インボイス',
  certificate: 'certificate',
  organization: 'o-',
  connection: 'dxcon-|dxvif-|dxlag-',
  // scanDurations.ts
  duration:
    'within|in the next| business | working |you have|for the next|expire|valid for|over the next|less than|以内|이내|内|で期限|の間',
  // scanRegions.ts
  regionName: 'region|リージョン|리전|(|（',
  regionPlace: 'virginia|california',
} as const;

export type Sign = keyof typeof WORDS;

/** Which signs a text has. */
export type Signs = { has(sign: Sign): boolean };

/** The signs of a text in any case. */
export function signsOf(text: string): Signs {
  return signsIn(text.toLowerCase());
}

/** The signs of a text, which must be in lower case. */
export function signsIn(lower: string): Signs {
  let state = 0;
  let bits = 0;
  for (let at = 0; at < lower.length; at++) {
    state = STEPS[(state << WIDTH) | CLASSES[lower.charCodeAt(at)]!]!;
    if (state >= FIRST_END) bits |= ENDS[state]!;
  }
  return { has: (sign) => (bits & BITS[sign]) !== 0 };
}

const BITS = Object.fromEntries(Object.keys(WORDS).map((sign, at) => [sign, 1 << at])) as Record<Sign, number>;

/** The units that words are made of, numbered from 1; 0 is every other one. */
const CLASSES = new Uint8Array(65536);
/** For state and class the next state; a row is 2 ** WIDTH long. States of FIRST_END and above end a word. */
const { STEPS, WIDTH, ENDS, FIRST_END } = build();

function build(): { STEPS: Uint16Array; WIDTH: number; ENDS: Int32Array; FIRST_END: number } {
  let classCount = 1;
  type State = { next: Map<number, State>; fail: State | null; bits: number; number: number };
  const fresh = (): State => ({ next: new Map(), fail: null, bits: 0, number: 0 });
  const root = fresh();
  for (const [sign, words] of Object.entries(WORDS)) {
    for (const word of words.split('|')) {
      let state = root;
      for (let at = 0; at < word.length; at++) {
        const unit = word.charCodeAt(at);
        CLASSES[unit] ||= classCount++;
        const step = CLASSES[unit]!;
        const next = state.next.get(step) ?? fresh();
        state.next.set(step, next);
        state = next;
      }
      state.bits |= BITS[sign as Sign];
    }
  }
  // Breadth first: where a state falls back to is complete before it is needed.
  const states = [root];
  for (const state of states) {
    for (const [step, next] of state.next) {
      let fail = state.fail;
      while (fail !== null && !fail.next.has(step)) fail = fail.fail;
      next.fail = fail?.next.get(step) ?? root;
      next.bits |= next.fail.bits;
      states.push(next);
    }
  }
  const byEnd = [...states.filter((state) => state.bits === 0), ...states.filter((state) => state.bits !== 0)];
  for (const [number, state] of byEnd.entries()) state.number = number;
  const width = Math.ceil(Math.log2(classCount));
  const steps = new Uint16Array(states.length << width);
  for (const state of states) {
    const row = state.number << width;
    if (state.fail !== null) steps.copyWithin(row, state.fail.number << width, (state.fail.number + 1) << width);
    for (const [step, next] of state.next) steps[row + step] = next.number;
  }
  return {
    STEPS: steps,
    WIDTH: width,
    ENDS: Int32Array.from(byEnd, (state) => state.bits),
    FIRST_END: byEnd.findIndex((state) => state.bits !== 0),
  };
}
