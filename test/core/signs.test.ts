import { expect, test } from 'vitest';
import { createCorpus } from '../../bench/corpus.ts';
import { mutatedMail } from '../../bench/mutate.ts';
import { scanDeadlines } from '../../src/core/deadline.ts';
import { foldPlain } from '../../src/core/foldText.ts';
import { parseMail } from '../../src/core/parse.ts';
import * as ids from '../../src/core/scanIds.ts';
import { scanRegions } from '../../src/core/scanRegions.ts';
import { findCodes } from '../../src/core/secretCodes.ts';
import { findCards, findKeys, findPasswords } from '../../src/core/secretTokens.ts';
import { shadowOf } from '../../src/core/shadowText.ts';
import { type Signs, signsIn, signsOf } from '../../src/core/signs.ts';
import { arrive } from '../kinds/corpus/arrive.ts';
import { corpora } from '../kinds/corpus/index.ts';

/** As if every sign were there: nothing is spared. */
const ALL: Signs = { has: () => true };
const TIME = '2026-11-20T00:00:00.000Z';

test('a search finds nothing more when it does not ask for its sign', async () => {
  const arrived = (await Promise.all(Object.values(corpora).map(arrive))).flat();
  const generated = createCorpus(5, 3, (raw) => raw);
  const sources = [...arrived.map(({ raw }) => raw), generated.mail(0).raw];
  const mutated = Array.from({ length: 600 }, (_, seed) => mutatedMail(seed, sources));
  for (const raw of [...sources, ...mutated]) {
    const mail = await parseMail(raw);
    for (const text of [mail.subject, mail.text, ...mail.side.map((one) => one.text)]) {
      const shadow = shadowOf(text);
      // That one is no sign of a search, but what makes forty characters a key.
      const signs: Signs = { has: (sign) => sign !== 'secret' || shadow.signs.has(sign) };
      for (const find of [findCodes, findKeys, findPasswords, findCards]) {
        expect(find(shadow), `${find.name} in ${text}`).toEqual(find({ ...shadow, signs }));
      }
      const plain = foldPlain(text);
      const own = signsOf(plain);
      const scans: ((signs: Signs) => unknown)[] = [
        (given) => ids.scanCaseNumbers(plain, given),
        (given) => ids.scanAbuseReports(plain, true, given),
        (given) => ids.scanInvoices(plain, given),
        (given) => ids.scanEventArns(plain, given),
        (given) => ids.scanTopicArns(plain, given),
        (given) => ids.scanOrganizations(plain, given),
        (given) => ids.scanCertificates(plain, given),
        (given) => ids.scanResources(plain, given),
        (given) => scanRegions(plain, given),
        (given) => scanDeadlines(plain, TIME, given),
      ];
      for (const scan of scans) expect(scan(own), `${scan} in ${plain}`).toEqual(scan(ALL));
    }
  }
});

test('signs are found anywhere, also inside of words and one inside another', () => {
  expect(signsIn('mysql_root_passwd').has('password')).toBe(true);
  expect(signsIn('xghp_').has('tokenStart')).toBe(true);
  expect(signsIn('the apikeys').has('keyLabel')).toBe(true);
  expect(signsIn('a secret access key').has('seed')).toBe(true);
  expect(signsIn('ワンタイムパスワード').has('code')).toBe(true);
  expect(signsIn('an ordinary text').has('code')).toBe(false);
  expect(signsOf('ARN:AWS').has('arn')).toBe(true);
});
