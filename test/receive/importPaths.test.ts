import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImportDeps, type ImportProgress, importPaths } from '../../src/receive/importPaths.ts';
import { openStage, plainMail, type Stage, signedMail } from './stage.ts';

describe('import', () => {
  let stage: Stage;
  let deps: ImportDeps;

  beforeAll(async () => {
    stage = await openStage();
    deps = {
      room: stage.room,
      budget: stage.budget,
      clock: stage.keepDeps.clock,
      mailBytes: 200_000,
      authservIds: [],
    };
  });
  afterAll(() => stage?.close());

  it('reads single files, with the line ends of Unix too, and finds the list in the header', async () => {
    const mail = signedMail({ To: 'Root <acme-7f3k@root.test>, globex-4t8w@root.test' });
    const unix = join(stage.folder, 'unix 123456.eml');
    const wire = join(stage.folder, 'wire.eml');
    writeFileSync(unix, mail.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    writeFileSync(wire, mail);
    const told: number[] = [];
    const report = await importPaths([unix, wire], deps, ({ bytes, totalBytes }) => told.push(bytes / totalBytes));
    expect(report).toMatchObject({ files: 2, mails: 2, kept: 2, known: 1, problems: [], isStopped: false });
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    const { rows } = await stage.database.pool.query(
      `select m.customer_id, m.auth -> 'signatures' -> 0 ->> 'result' as dkim, count(a.id)::int as arrivals,
              min(a.source) as source, (select count(*)::int from deliveries) as deliveries
         from mails m join arrivals a on a.mail_id = m.id group by m.id order by 1`,
    );
    expect(rows).toEqual([
      { customer_id: 1, dkim: 'pass', arrivals: 2, source: 'file:unix #.eml', deliveries: 0 },
      { customer_id: 2, dkim: 'pass', arrivals: 2, source: 'file:unix #.eml', deliveries: 0 },
    ]);
  });

  it('reads an mboxrd file back to the very bytes that were sent', async () => {
    const body = 'Dear customer,\r\n\r\nFrom now on:\r\n>From quoted\r\n\r\nFrom me\r\nNo: field\r\n\r\n';
    const mails = [signedMail({}, body), signedMail({}, 'Short\r\n'), signedMail({ Subject: null }, '')];
    const path = join(stage.folder, 'archive.mbox');
    writeFileSync(path, mails.map(asMboxrd).join(''), 'latin1');
    const seen: ImportProgress[] = [];
    const report = await importPaths([path], deps, (progress) => seen.push(progress));
    expect(report).toMatchObject({ mails: 3, kept: 3, known: 0, problems: [], notes: [] });
    expect(seen.at(-1)).toMatchObject({ mails: 3, files: 1, totalFiles: 1 });
    expect(seen.at(-1)?.bytes).toBe(seen.at(-1)?.totalBytes);
    const results = await resultsOf(stage, 'file:archive.mbox');
    expect(results).toEqual(['pass', 'pass', 'pass']);
  });

  it('says that a file may be mboxo, and that a compressed one is not read', async () => {
    const mboxo = join(stage.folder, 'old.mbox');
    writeFileSync(mboxo, `From a@b Thu Jan  1 00:00:00 2026\n${plainMail({}, 'x\n>From y\n').toString()}\n`);
    const gz = join(stage.folder, 'archive.mbox.gz');
    writeFileSync(gz, Buffer.from([0x1f, 0x8b, 8, 0]));
    const report = await importPaths([mboxo, gz, join(stage.folder, 'missing.eml')], deps);
    expect(report.notes).toEqual([{ path: mboxo, problem: expect.stringContaining('mboxo') }]);
    expect(report.problems).toEqual([
      { path: gz, problem: expect.stringContaining('gzip') },
      { path: join(stage.folder, 'missing.eml'), problem: 'it does not exist' },
    ]);
    expect(report).toMatchObject({ mails: 1, kept: 1 });
  });

  it('reads Maildir folders with their sub-folders, not what is being delivered', async () => {
    const maildir = join(stage.folder, 'Maildir');
    for (const part of ['cur', 'new', 'tmp', '.Old/cur', '.Old/new', '.Old/tmp']) {
      mkdirSync(join(maildir, part), { recursive: true });
      writeFileSync(join(maildir, part, '1700000000.M1P1.host:2,S'), plainMail());
    }
    writeFileSync(join(maildir, 'dovecot-uidlist'), 'x');
    expect(await importPaths([maildir], deps)).toMatchObject({ files: 4, mails: 4, kept: 4, problems: [] });
  });

  it('goes on where a stopped import ended and doubles nothing', async () => {
    const mails = Array.from({ length: 30 }, () => plainMail());
    const path = join(stage.folder, 'large.mbox');
    writeFileSync(path, mails.map(asMboxrd).join(''), 'latin1');
    const abort = new AbortController();
    const stopped = await importPaths([path], { ...deps, signal: abort.signal }, ({ mails: read }) => {
      if (read >= 10) abort.abort();
    });
    expect(stopped.isStopped).toBe(true);
    expect(stopped.kept).toBeGreaterThanOrEqual(10);
    expect(stopped.kept).toBeLessThan(30);
    const second = await importPaths([path], deps);
    expect(second).toMatchObject({ mails: 30, kept: 30 - stopped.kept, known: stopped.kept, isStopped: false });
    const third = await importPaths([path], deps);
    expect(third).toMatchObject({ mails: 30, kept: 0, known: 30 });
    const { rows } = await stage.database.pool.query(
      `select count(*)::int as arrivals, count(distinct mail_id)::int as mails from arrivals where source = 'file:large.mbox'`,
    );
    expect(rows).toEqual([{ arrivals: 30, mails: 30 }]);
  });

  it('leaves a visible outcome of a mail above the limit', async () => {
    const path = join(stage.folder, 'big.mbox');
    const big = plainMail({}, 'y'.repeat(70).concat('\r\n').repeat(4000));
    writeFileSync(path, [plainMail(), big, plainMail()].map(asMboxrd).join(''), 'latin1');
    expect(await importPaths([path], deps)).toMatchObject({ mails: 3, kept: 3, tooLarge: 1 });
    const { rows } = await stage.database.pool.query(
      `select customer_id, size, decide_due, (select count(*)::int from raws r where r.mail_id = m.id) as raws
         from mails m where outcome = 'too_large'`,
    );
    const size = big.toString().replaceAll('\r\n', '\n').length;
    expect(rows).toEqual([{ customer_id: 1, size, decide_due: null, raws: 0 }]);
    expect(stage.budget.used).toBe(0);
  });
});

function asMboxrd(mail: Buffer): string {
  const text = mail.toString('latin1').replaceAll('\r\n', '\n');
  return `From MAILER-DAEMON Thu Jan  1 00:00:00 2026\n${text.replace(/^(>*From )/gm, '>$1')}\n`;
}

async function resultsOf(stage: Stage, source: string): Promise<string[]> {
  const { rows } = await stage.database.pool.query(
    `select m.auth -> 'signatures' -> 0 ->> 'result' as result from mails m join arrivals a on a.mail_id = m.id
      where a.source = $1 order by m.id`,
    [source],
  );
  return rows.map((row) => row.result);
}
