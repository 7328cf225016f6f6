import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { list, resume, show } from '../../src/commands/mailboxes.ts';
import { loadSettings, type Settings } from '../../src/settings.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let fresh: FreshDatabase;
let settings: Settings;

beforeAll(async () => {
  fresh = await freshDatabase();
  const mailboxes = ['well', 'away', 'refused', 'later'].map((name) => ({
    name,
    host: 'imap.example.net',
    user: `${name}@example.net`,
    password: 'secret-of-the-mailbox',
  }));
  settings = loadSettings({ env: { DATABASE_URL: fresh.url, ROOTDESK_LOG_LEVEL: 'silent' }, overrides: { mailboxes } });
  await fresh.pool.query(`
    insert into receivers (id, host, pid, mailboxes, started_at, seen_at)
      values ('7-1', 'mail-1', 4711, '{well}', '2026-11-24T09:00:00Z', '2026-11-24T10:00:01Z');
    insert into mailboxes (name, uid_validity, state, receiver, fence, last_success_at, last_error, error_class, failures,
                           next_try_at, paused_at, created_at) values
      ('well', 22, 'watching', '7-1', 3, '2026-11-24T10:00:00Z', null, null, 0, null, null, '2026-11-01'),
      ('away', null, 'waiting', null, 1, null, 'connect ECONNREFUSED', 'network', 4, '2026-11-24T10:01:00Z', null, '2026-11-01'),
      ('refused', null, 'paused', null, 1, null, 'LOGIN failed', 'authentication', 3, null, '2026-11-24T08:00:00Z', '2026-11-01');
    insert into mailbox_epochs (mailbox, uid_validity, first_uid, uid_next, began_uid_next, server_uid_next, server_messages,
                                audit_at, audit_messages, audit_fetched, started_at, ended_at) values
      ('well', 21, 1, 90, 1, 90, 80, null, 0, 0, '2026-11-01T00:00:00Z', '2026-11-20T00:00:00Z'),
      ('well', 22, 1, 46, 40, 46, 43, '2026-11-24T09:30:00Z', 43, 1, '2026-11-20T00:00:00Z', null);
    insert into mailbox_spans (mailbox, uid_validity, first_uid, last_uid, why, found_at)
      values ('well', 22, 7, 8, 'passed', '2026-11-24T09:00:00Z');
    insert into mailbox_events (mailbox, at, event, detail)
      values ('well', '2026-11-20T00:00:00Z', 'uidvalidity_changed', '{"before": "21", "now": "22"}')`);
});
afterAll(async () => {
  await fresh?.drop();
});

/** What the command prints. */
const said = async (work: () => Promise<void>): Promise<string> => {
  let text = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await work();
  } finally {
    out.mockRestore();
  }
  return text;
};

describe('rootdesk mailboxes', () => {
  it('shows of a mailbox each UIDVALIDITY, its gaps, the last comparison and who has it', async () => {
    const text = await said(() => show(settings, 'well', {}));
    expect(text).toContain('well: is being watched');
    expect(text).toMatch(/watched by +mail-1:4711, heard of last at 2026-11-24 10:00:01 UTC/);
    expect(text).toMatch(/compared +2026-11-24 09:30:00 UTC: 0 missing of 43, 1 fetched then/);
    expect(text).toMatch(
      /22 from 2026-11-20 00:00:00 UTC on: UIDs 1 to 45 are here; the next UID of the server was 46, with 43/,
    );
    expect(text).toMatch(/21 from 2026-11-01 00:00:00 UTC until 2026-11-20 00:00:00 UTC: UIDs 1 to 89/);
    expect(text).toMatch(/no mail +2 UIDs[^\n]*\n +7 to 8 \(passed\)/);
    expect(text).toMatch(/event +2026-11-20 00:00:00 UTC uidvalidity_changed now 22, before 21/);
    expect(text).not.toContain('to do');
    expect(text).not.toContain('secret-of-the-mailbox');
    const json = JSON.parse(await said(() => show(settings, 'well', { json: true })));
    expect(json).toMatchObject({ name: 'well', lease: { by: 'mail-1:4711', fence: 3 }, epochs: [{ uidNext: 46 }, {}] });
  });

  it('says why one is not read, when it is tried again and what to do', async () => {
    const away = await said(() => show(settings, 'away', {}));
    expect(away).toContain('away: is not read now');
    expect(away).toMatch(/error +connect ECONNREFUSED \(network\)/);
    expect(away).toMatch(/to do +look at host, port, TLS and firewall/);
    expect(away).toMatch(/next try +2026-11-24 10:01:00 UTC, after 4 failures in a row/);
    expect(away).toMatch(/watched by +no process/);
    await expect(show(settings, 'later', {})).rejects.toThrow('the mailbox later has never been watched');
    await expect(show(settings, 'nobody', {})).rejects.toThrow('there is no mailbox nobody');
  });

  it('lists them, those that need somebody apart, and lets one go on that is paused', async () => {
    expect((await said(() => list(settings, {}))).trim().split('\n')).toHaveLength(3);
    const troubled = await said(() => list(settings, { troubled: true }));
    expect(troubled).toMatch(/waiting .* away {2}\(network\)\npaused .* refused {2}\(authentication\)\n/);
    const paused = await said(() => show(settings, 'refused', {}));
    expect(paused).toContain('refused: paused since 2026-11-24 08:00:00 UTC');
    expect(paused).toContain('then: rootdesk mailboxes resume refused');
    expect(await said(() => resume(settings, 'refused'))).toBe('It is tried again within seconds.\n');
    expect(await said(() => resume(settings, 'refused'))).toBe('It is not paused.\n');
  });
});
