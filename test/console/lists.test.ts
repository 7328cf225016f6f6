import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peerUser, uidIn } from '../../src/lib/peerUser.ts';
import { loadSettings } from '../../src/settings.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { NOW, ROOT_ADDRESSES, seedScene } from './seed.ts';
import { startTestConsole } from './startTestConsole.ts';

let fresh: FreshDatabase;
let console_: Awaited<ReturnType<typeof startTestConsole>>;
let scene: Awaited<ReturnType<typeof seedScene>>;
/** Whom the system names at the other end. */
let user: string | null = 'alice';

beforeAll(async () => {
  fresh = await freshDatabase();
  scene = await seedScene(fresh);
  const settings = loadSettings({ env: { ROOTDESK_HTTP_PORT: '0', ROOTDESK_ROOT_DOMAIN: 'root.example.net' } });
  console_ = await startTestConsole(fresh, { settings, userOf: async () => user });
});
afterAll(async () => {
  await console_?.close();
  await fresh?.drop();
});

const get = async (path: string, language = 'en') => {
  const answer = await fetch(console_.url + path, { headers: { 'accept-language': language } });
  return { status: answer.status, text: await answer.text() };
};
const post = async (path: string, fields: Record<string, string> = {}) => {
  const answer = await fetch(console_.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: console_.url, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams(fields),
  });
  return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() };
};
const member = async (address: string) => {
  const { rows } = await fresh.pool.query(
    `select m.id, m.state, p.proposer from members m left join proposals p on p.member_id = m.id and p.state = 'open'
      where m.address = $1`,
    [address],
  );
  return rows[0];
};
const audited = async () => {
  const { rows } = await fresh.pool.query(
    `select bytes from audit a join customers c on c.id = a.customer_id where c.slug = 'tidewater' order by number desc`,
  );
  return rows.map(({ bytes }) => JSON.parse(bytes.toString()));
};

describe('the page of a list', () => {
  it('names who waits for whom, and no button of it agrees for a second person', async () => {
    const { status, text } = await get(`/lists/${scene.list}`);
    expect(status).toBe(200);
    expect(text).toContain('Add night-ops@tidewater.example?');
    expect(text).toContain('Asked by dana');
    const actions = [...text.matchAll(/action="([^"]+)"/g)].map(([, action]) => action!.replace(/\d+/g, 'N'));
    expect(new Set(actions)).toEqual(
      new Set(['/', '/language', '/lists/N/address', '/lists/N/export', '/lists/N/members', '/members/N/invite']),
    );
    expect(text).not.toContain(ROOT_ADDRESSES.tidewater);
    const japanese = await get(`/lists/${scene.list}`, 'ja');
    expect(japanese.text).toContain('この画面からは承認できません');
  });

  it('proposes as the user at the other end, and refuses whom the system does not name', async () => {
    const done = await post(`/lists/${scene.list}/members`, { address: 'Kim@Tidewater.example' });
    expect([done.status, done.to]).toEqual([303, `/lists/${scene.list}?said=proposed`]);
    expect(await member('kim@tidewater.example')).toMatchObject({ state: 'invited', proposer: 'alice' });
    expect((await audited())[0]).toMatchObject({ action: 'member.invited', actor: 'os:alice' });
    user = null;
    const unknown = await post(`/lists/${scene.list}/members`, { address: 'lee@tidewater.example' });
    user = 'alice';
    expect([unknown.status, unknown.text]).toEqual([409, expect.stringContaining('does not say who you are')]);
    expect(await member('lee@tidewater.example')).toBeUndefined();
  });

  it('sends an invitation again without a second proposal', async () => {
    const { id } = await member('kim@tidewater.example');
    expect((await post(`/members/${id}/invite`)).to).toBe(`/lists/${scene.list}?said=again`);
    const { rows } = await fresh.pool.query('select from proposals where member_id = $1', [id]);
    expect(rows).toHaveLength(1);
  });

  it('asks before it takes somebody off, and keeps the last one', async () => {
    const [ops, finance] = [await member('ops@tidewater.example'), await member('finance@tidewater.example')];
    expect((await get(`/members/${finance.id}`)).text).toContain('Take finance@tidewater.example off this list?');
    expect((await post(`/members/${finance.id}/remove`)).to).toBe(`/lists/${scene.list}?said=removed`);
    for (const how of ['remove', 'suspend']) {
      const last = await post(`/members/${ops.id}/${how}`);
      expect([last.status, last.text]).toEqual([409, expect.stringContaining('is the last confirmed member')]);
    }
    expect(await member('ops@tidewater.example')).toMatchObject({ state: 'confirmed' });
  });

  it('shows the root address once, and the log says who saw it', async () => {
    const shown = await post(`/lists/${scene.list}/address`);
    expect(shown.text).toContain(ROOT_ADDRESSES.tidewater);
    expect((await audited())[0]).toMatchObject({ action: 'list.address_shown', actor: 'os:alice' });
    expect((await get(`/lists/${scene.list}`)).text).not.toContain(ROOT_ADDRESSES.tidewater);
  });

  it('reads a table with a verdict a line before anything happens, then proposes all or nothing', async () => {
    const bad = await post(`/lists/${scene.list}/import`, {
      table: 'address\r\nnew1@tidewater.example\r\nx@elsewhere.example\r\n"<b>@tidewater.example"\r\n',
      propose: '1',
    });
    expect(bad.status).toBe(200);
    expect(bad.text).toContain('its domain is not allowed for this customer');
    expect(bad.text).toContain('&lt;b&gt;@tidewater.example');
    expect(await member('new1@tidewater.example')).toBeUndefined();
    const table = 'address\r\nnew1@tidewater.example\r\nops@tidewater.example\r\n';
    const dry = await post(`/lists/${scene.list}/import`, { table });
    expect(dry.text).toContain('Propose 1');
    expect(await member('new1@tidewater.example')).toBeUndefined();
    expect((await post(`/lists/${scene.list}/import`, { table, propose: '1' })).to).toContain('said=imported');
    expect(await member('new1@tidewater.example')).toMatchObject({ state: 'invited', proposer: 'alice' });
    expect((await post(`/lists/${scene.list}/import`, { table: 'name\r\nx\r\n' })).status).toBe(400);
  });

  it('gives out a table that no spreadsheet runs, which can be imported again', async () => {
    await fresh.pool.query(
      `insert into members (list_id, address, state) values ($1, '+1@tidewater.example', 'confirmed')`,
      [scene.list],
    );
    const { text } = await post(`/lists/${scene.list}/export`);
    expect(text).toContain("'+1@tidewater.example");
    const back = await post(`/lists/${scene.list}/import`, { table: text });
    expect(back.text).not.toContain('Nothing was proposed');
  });

  it('shows a member: who they are, how their copies went, and the way off', async () => {
    await post(`/lists/${scene.list}/members`, { address: 'lee@tidewater.example', name: 'Lee "<b>" Park' });
    const { id } = await member('lee@tidewater.example');
    const page = (await get(`/members/${id}`)).text;
    expect(page).toContain('<h1>Lee &quot;&lt;b&gt;&quot; Park</h1>');
    expect(page).toContain('No mail has been sent to them yet.');
    expect((await get(`/lists/${scene.list}`)).text).toContain('Lee &quot;&lt;b&gt;&quot; Park');
    const bad = await post(`/lists/${scene.list}/members`, { address: 'max@tidewater.example', name: '=1+1' });
    expect(bad.status).toBe(400);
    const bouncing = (await get(`/members/${scene.member}`)).text;
    expect(bouncing).toMatch(/came back/);
    expect(bouncing).not.toContain(ROOT_ADDRESSES.tidewater);
  });

  it('hands out and erases what is kept about a person, asked first and without a way back', async () => {
    const { id } = await member('lee@tidewater.example');
    const { text } = await post(`/members/${id}/person`);
    expect(JSON.parse(text)).toMatchObject({
      address: 'lee@tidewater.example',
      memberships: [{ name: 'Lee "<b>" Park' }],
    });
    expect(text).not.toContain(ROOT_ADDRESSES.tidewater);
    expect((await audited())[0]).toMatchObject({ action: 'member.exported', actor: 'os:alice' });
    expect((await get(`/members/${id}/erase`)).text).toContain('This cannot be undone.');
    expect((await post(`/members/${id}/erase`)).to).toBe(`/lists/${scene.list}?said=erased`);
    expect(await member('lee@tidewater.example')).toBeUndefined();
    const [{ id: plus }, { id: last }] = [await member('+1@tidewater.example'), await member('ops@tidewater.example')];
    expect((await post(`/members/${plus}/remove`)).status).toBe(303);
    const held = await post(`/members/${last}/erase`);
    expect([held.status, held.text]).toEqual([409, expect.stringContaining('is the last confirmed member')]);
  });

  it('asks for a probe once, and offers none where none is sent', async () => {
    const path = `/lists/${scene.list}/probe`;
    const button = `action="${path}"`;
    expect((await get(`/lists/${scene.list}`)).text).not.toContain(button);
    expect((await post(path)).text).toContain('No probes are sent');
    const { deps } = console_;
    const before = deps.settings;
    deps.settings = loadSettings({
      env: {
        ROOTDESK_HTTP_PORT: '0',
        ROOTDESK_OUTGOING_HOST: 'smtp.example.net',
        ROOTDESK_OUTGOING_FROM: 'desk@desk.example.net',
      },
    });
    try {
      await fresh.pool.query(`update lists set next_probe_at = '2099-01-01' where id = $1`, [scene.list]);
      expect((await get(`/lists/${scene.list}`)).text).toContain(button);
      expect((await post(path)).to).toBe(`/lists/${scene.list}?said=probed`);
      const { rows } = await fresh.pool.query('select next_probe_at as at from lists where id = $1', [scene.list]);
      expect(rows[0].at).toEqual(NOW);
      expect((await post(path)).to).toBe(`/lists/${scene.list}?said=probing`);
      expect((await audited()).filter(({ action }) => action === 'list.probe_asked')).toMatchObject([
        { actor: 'os:alice' },
      ]);
      expect((await get(`/lists/${scene.list}?said=probed`)).text).toContain('A probe leaves within half a minute.');
      expect((await post('/lists/999999/probe')).status).toBe(404);
    } finally {
      deps.settings = before;
    }
  });

  it('issues an address for a management account that has none', async () => {
    await fresh.pool.query(
      `insert into accounts select '888877776666', id, true from customers where slug = 'tidewater'`,
    );
    expect((await get('/customers/tidewater')).text).toContain('value="888877776666"');
    const issued = await post('/customers/tidewater/lists', { account: '888877776666' });
    expect(issued.to).toMatch(/^\/lists\/\d+\?said=issued$/);
    const again = await post('/customers/tidewater/lists', { account: '888877776666' });
    expect([again.status, again.text]).toEqual([409, expect.stringContaining('has a root address already')]);
  });

  it('releases an address for good: the consequences first, no undo, the account free for another', async () => {
    const issued = await fresh.pool.query(`select id from lists where account = '888877776666'`);
    const { id } = issued.rows[0];
    const asked = (await get(`/lists/${id}/release`)).text;
    expect(asked).toContain('never given out again and never comes back');
    expect(asked).toContain('Account 888877776666 must have another root address in AWS before');
    expect((await post(`/lists/${id}/release`)).to).toBe(`/lists/${id}?said=released`);
    expect((await audited())[0]).toMatchObject({ action: 'list.released', actor: 'os:alice' });
    const page = (await get(`/lists/${id}?said=released`)).text;
    expect(page).toContain('Address released, for good');
    expect(page).not.toMatch(/\/undo"|#new-member|\/release"|AWS still writes/);
    expect((await post(`/lists/${id}/release`)).status).toBe(409);
    expect((await get(`/lists/${id}/release`)).status).toBe(409);
    expect((await post(`/lists/${id}/members`, { address: 'new@tidewater.example' })).text).toContain('is released');
    // Mail that AWS is proved to have sent after it is an alarm: nobody of the customer gets it.
    await fresh.pool.query(
      `insert into mails (customer_id, list_id, identity, sha256, size, received_at, mail_time, auth, outcome)
       select customer_id, id, 'late', '', 1, released_at + interval '1 minute', released_at, '{}', 'open' from lists where id = $1`,
      [id],
    );
    expect((await get(`/lists/${id}`)).text).toContain('AWS still writes to this released address');
    expect((await get('/lists')).text).toContain('AWS still writes here');
    expect((await post('/customers/tidewater/lists', { account: '888877776666' })).to).toMatch(/said=issued$/);
    const api = async (body: object) => {
      const answer = await fetch(`${console_.url}/api/v1/lists/${id}/release`, {
        method: 'POST',
        headers: { origin: console_.url, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return [answer.status, await answer.json()];
    };
    expect(await api({})).toEqual([400, expect.anything()]);
    expect(await api({ forGood: true })).toEqual([200, { released: false }]);
  });
});

describe('who sits at the other end of a connection', () => {
  it.runIf(process.platform === 'linux')('is the user who owns the socket', async () => {
    const own = await startTestConsole(fresh, { userOf: peerUser });
    try {
      const answer = await fetch(`${own.url}/api/v1/lists/${scene.list}/members`, {
        method: 'POST',
        headers: { origin: own.url, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
        body: JSON.stringify({ address: 'peer@tidewater.example' }),
      });
      expect([answer.status, ((await answer.json()) as { change: string }).change]).toEqual([200, 'member.invited']);
      expect(await member('peer@tidewater.example')).toMatchObject({ proposer: userInfo().username });
    } finally {
      await own.close();
    }
  });

  it('is nobody where no socket is known', async () => {
    expect(
      await peerUser({ remoteAddress: '127.0.0.1', remotePort: 1, localAddress: '127.0.0.1', localPort: 2 }),
    ).toBeNull();
    expect(await peerUser({ remoteAddress: undefined, remotePort: undefined })).toBeNull();
    const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
    const row = (state: string) =>
      `   0: 0100007F:9C40 0100007F:2120 ${state} 00000000:00000000 00:00000000 00000000  1000        0 1 1\n`;
    const ends = ['0100007F:9C40 0100007F:2120'];
    expect(uidIn(head + row('01'), ends)).toBe(1000);
    expect(uidIn(head + row('06'), ends)).toBeNull();
    expect(uidIn(head + row('01').replace(/0100007F/g, '0000000000000000FFFF00000100007F'), ends)).toBe(1000);
  });
});
