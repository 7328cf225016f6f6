import { domainToASCII } from 'node:url';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { createCorpus } from '../../bench/corpus.ts';
import { readFields } from '../../src/core/fields.ts';
import { parseMail } from '../../src/core/parse.ts';
import { arrive } from '../kinds/corpus/arrive.ts';
import { corpora } from '../kinds/corpus/index.ts';

/** Text as the three compare: how lines break, and what takes no room, is each one's own. */
const words = (text: string | false | undefined): string =>
  (text || '')
    .replace(/[\u00ad\u200b]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
const address = (text: string | undefined): string => asciiAddress((text ?? '').toLowerCase());
/** Ours are in ASCII, because domains that look alike must not read alike. */
const asciiAddress = (text: string): string => {
  const at = text.lastIndexOf('@');
  return at < 0 ? text : `${text.slice(0, at)}@${domainToASCII(text.slice(at + 1))}`;
};
/** Each takes another one of repeated fields. */
const count = (raw: Buffer, name: string): number => readFields(raw).filter((field) => field.name === name).length;

test('two other parsers read the same in the corpus and in generated mail', async () => {
  const arrived = (await Promise.all(Object.values(corpora).map(arrive))).flat();
  const generated = createCorpus(5, 11, (raw) => raw);
  const mails = [
    ...arrived.map(({ mail, raw }) => ({ id: mail.id, raw })),
    ...Array.from({ length: 30 }, (_, index) => ({ id: `generated ${index}`, raw: generated.mail(index).raw })),
  ];
  const differences: string[] = [];
  for (const { id, raw } of mails) {
    const [ours, postal, simple] = await Promise.all([
      parseMail(raw),
      PostalMime.parse(raw),
      simpleParser(raw, { skipHtmlToText: true }),
    ]);
    const compare = (what: string, own: string, first: string, second: string): void => {
      if (own !== first || own !== second) differences.push(`${id} ${what}: ${own} | ${first} | ${second}`);
    };
    // Mailparser reads the report of a bounce as text.
    const isReport = ours.types[0] === 'multipart/report';
    if (count(raw, 'subject') === 1) {
      compare('subject', words(ours.subject), words(postal.subject), words(simple.subject));
    }
    if (count(raw, 'from') === 1) {
      const [first, second] = [postal.from?.address, simple.from?.value[0]?.address];
      // Postal-mime finds no address in some of them.
      compare('from', address(ours.from?.address), address(first || second), address(second));
    }
    if (ours.textFrom === 'plain' && !isReport) {
      compare('text', words(ours.text), words(postal.text), words(simple.text));
    }
    if (!isReport) {
      const names = (files: readonly { filename?: string | null }[]): string =>
        files.map(({ filename }) => filename ?? '').join('\n');
      compare(
        'files',
        ours.attachments.map((one) => one.name).join('\n'),
        names(postal.attachments),
        names(simple.attachments as { filename?: string }[]),
      );
    }
  }
  expect(differences).toEqual([]);
}, 120_000);
