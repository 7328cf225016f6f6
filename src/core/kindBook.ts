import type { z } from 'zod';
import { foldPhrase } from './foldText.ts';
import {
  type Condition,
  type KindFile,
  kindSchema,
  PLACES,
  type Place,
  type Wording,
  type Wordings,
  wordingSchema,
} from './kindSchema.ts';
import { compilePhrases, type PhraseBook } from './phrases.ts';
import { type SenderRules, senderRulesSchema } from './sender.ts';
import type { Signal } from './signals.ts';
import { compileWording } from './wording.ts';

/** A condition whose phrases are numbers in the phrase book. */
export type CompiledCondition = {
  /** Place name, or `header:<field>`. */
  places: { place: string; ids: number[] }[];
  signals: Signal[];
};
export type CompiledMark = CompiledCondition & { points: number };

export type Kind = Omit<KindFile, 'senders' | 'marks' | 'must' | 'never' | 'urgencyWhen'> & {
  senders: Map<string, number>;
  marks: CompiledMark[];
  must: CompiledCondition[];
  never: CompiledCondition[];
  urgencyRules: { to: KindFile['urgency']; daysLeft: number | null; when: CompiledCondition | null }[];
  yes: CompiledCondition | null;
  no: CompiledCondition | null;
  resolvesWhen: CompiledCondition | null;
  /** Conditions of keys, by key. */
  keyWhen: ReadonlyMap<KindFile['threadKey'][number], CompiledCondition>;
  wording: Wordings;
};

/** All kinds, ready to judge mails. Built once a thread from plain data. */
export type KindBook = {
  kinds: readonly Kind[];
  phrases: PhraseBook;
  /** The phrases by number, for reasons. */
  phraseTexts: readonly string[];
  /** Header fields that kinds look into. */
  headerNames: readonly string[];
  senders: SenderRules;
  listedSenders: ReadonlySet<string>;
};

/** A kind file or its wording is wrong; the message names the file and the key. */
export class KindFileError extends Error {
  readonly file: string;

  constructor(file: string, problem: string) {
    super(`${file}: ${problem}`);
    this.name = 'KindFileError';
    this.file = file;
  }
}

const DEFAULT_POINTS: Record<Place | 'header' | 'signal', number> = {
  subject: 4,
  header: 4,
  signal: 4,
  text: 3,
  link: 3,
  body: 2,
  attachment: 2,
  name: 2,
  from: 2,
  type: 2,
};

/** Kinds that code names when no file's marks are met; their files must exist. */
const NEEDED = ['aws.other', 'nonaws.customer_human', 'phish.lure', 'phish.sns_message'];

/**
 * Checks and compiles kind files (`name` begins with `kinds/`), ticket wordings (`ticket/<kind>.yaml`) and the sender
 * list. Throws a KindFileError that names the file and the key.
 */
export function compileKinds(files: readonly { name: string; data: unknown }[], senders: unknown): KindBook {
  const wordings = new Map<string, Wordings>();
  const sources: { name: string; file: KindFile }[] = [];
  for (const { name, data } of files) {
    if (name.startsWith('ticket/')) {
      wordings.set(name.slice('ticket/'.length).replace(/\.ya?ml$/, ''), checkWording(name, data));
    } else {
      sources.push({ name, file: parse(kindSchema, name, data) });
    }
  }
  const texts: string[] = [];
  const ids = new Map<string, number>();
  const headerNames = new Set<string>();
  const number = (phrase: string): number => {
    const folded = foldPhrase(phrase);
    let id = ids.get(folded);
    if (id === undefined) {
      id = texts.push(folded) - 1;
      ids.set(folded, id);
    }
    return id;
  };
  const compile = (source: Condition): CompiledCondition => {
    const places: CompiledCondition['places'] = [];
    for (const place of PLACES) {
      const list = source[place];
      if (list !== undefined) places.push({ place, ids: list.map(number) });
    }
    for (const [field, list] of Object.entries(source.header ?? {})) {
      headerNames.add(field);
      places.push({ place: `header:${field}`, ids: list.map(number) });
    }
    return { places, signals: source.signal ?? [] };
  };
  const kinds: Kind[] = [];
  for (const { name, file } of sources) {
    if (kinds.some((other) => other.kind === file.kind))
      throw new KindFileError(name, `kind ${file.kind} exists twice`);
    const wording = wordings.get(file.kind);
    if (wording === undefined) {
      throw new KindFileError(name, `no ticket wording: templates/ticket/${file.kind}.yaml is missing`);
    }
    if (file.secret === 'sealed' && (wording.en.sealed === undefined || wording.ja.sealed === undefined)) {
      throw new KindFileError(`ticket/${file.kind}.yaml`, 'sealed: a sealed kind needs this sentence in en and ja');
    }
    const { resolves } = file;
    kinds.push({
      ...file,
      senders: new Map(file.senders.map((one) => (typeof one === 'string' ? [one, 3] : [one.address, one.points]))),
      marks: file.marks.map((mark) => ({ ...compile(mark), points: mark.points ?? defaultPoints(mark) })),
      must: file.must.map(compile),
      never: file.never.map(compile),
      urgencyRules: file.urgencyWhen.map(({ to, daysLeft, ...when }) => ({
        to,
        daysLeft: daysLeft ?? null,
        when: Object.values(when).some((value) => value !== undefined) ? compile(when) : null,
      })),
      yes: file.actionWhen ? compile(file.actionWhen) : null,
      no: file.noActionWhen ? compile(file.noActionWhen) : null,
      resolvesWhen: typeof resolves === 'object' ? compile(resolves) : null,
      keyWhen: new Map(
        [...file.threadKey, ...file.aliases].flatMap((key) => (key.when ? [[key, compile(key.when)] as const] : [])),
      ),
      wording,
    });
  }
  for (const kind of NEEDED) {
    if (!kinds.some((one) => one.kind === kind)) throw new KindFileError(`kinds/${kind}.yaml`, 'this file is needed');
  }
  const rules = parse(senderRulesSchema, 'senders.yaml', senders);
  return {
    kinds,
    phrases: compilePhrases(texts),
    phraseTexts: texts,
    headerNames: [...headerNames],
    senders: rules,
    listedSenders: new Set(rules.senders.map((one) => one.address)),
  };
}

function checkWording(name: string, data: unknown): Wordings {
  const wordings = parse(wordingSchema, name, data);
  for (const [language, wording] of Object.entries(wordings) as [string, Wording][]) {
    for (const [key, value] of Object.entries(wording)) {
      for (const text of [value].flat()) {
        const problem = compileWording(text);
        if (problem !== null) throw new KindFileError(name, `${language}.${key}: ${problem}`);
      }
    }
  }
  return wordings;
}

function defaultPoints(mark: Condition): number {
  return Math.max(
    ...Object.entries(mark)
      .filter(([key, value]) => key in DEFAULT_POINTS && value !== undefined)
      .map(([key]) => DEFAULT_POINTS[key as Place]),
  );
}

function parse<T extends z.ZodType>(schema: T, name: string, data: unknown): z.infer<T> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 3).map((one) => `${one.path.join('.') || 'file'}: ${one.message}`);
  throw new KindFileError(name, problems.join('; '));
}
