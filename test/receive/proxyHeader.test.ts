import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Listener } from '../../src/receive/mailListener.ts';
import { readProxyHeader } from '../../src/receive/proxyHeader.ts';
import { startSmtp } from '../../src/receive/smtp.ts';
import { loadSettings } from '../../src/settings.ts';
import { openTalk } from './smtpTalk.ts';
import { openStage, plainMail, type Stage } from './stage.ts';
import { until } from './until.ts';

/** As a HAProxy 2.6.12 wrote them (send-proxy-v2; the second and third with crc32c and unique-id; the last of a health check). */
const WRITTEN = {
  ipv4: '0d0a0d0a000d0a515549540a2111000c7f0000017f000001e1fc1e83',
  checksum: '0d0a0d0a000d0a515549540a211100167f0000017f000001a8181e840300047192d015050000',
  ipv6: '0d0a0d0a000d0a515549540a2121002e0000000000000000000000000000000100000000000000000000000000000001a6bc1e84030004234a977f050000',
  local: '0d0a0d0a000d0a515549540a20000000',
};
const binary = (versionCommand: number, family: number, rest: Buffer, length = rest.length) =>
  Buffer.concat([
    Buffer.from(WRITTEN.local, 'hex').subarray(0, 12),
    Buffer.from([versionCommand, family, length >> 8, length & 0xff]),
    rest,
  ]);
const FROM_DOC = Buffer.from([192, 0, 2, 77, 192, 0, 2, 1, 0x9c, 0x40, 0, 25]);

describe('the PROXY header', () => {
  it.each([
    ['ipv4', WRITTEN.ipv4, { address: '127.0.0.1', port: 57852 }],
    ['with a checksum', WRITTEN.checksum, { address: '127.0.0.1', port: 43032 }],
    ['ipv6', WRITTEN.ipv6, { address: '::1', port: 42684 }],
    ['of a health check', WRITTEN.local, null],
  ])('of version 2 is read as HAProxy writes it: %s', (_, hex, client) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(readProxyHeader(Buffer.concat([bytes, Buffer.from('EHLO x\r\n')]))).toEqual({
      is: 'whole',
      client,
      length: bytes.length,
    });
    // However it is cut into segments.
    for (let n = 0; n < bytes.length; n++) expect(readProxyHeader(bytes.subarray(0, n)).is).toBe('unfinished');
  });

  it.each([
    ['PROXY TCP4 192.0.2.77 192.0.2.1 40000 25\r\n', { address: '192.0.2.77', port: 40000 }],
    ['PROXY TCP6 2001:DB8:0:0::1 2001:db8::2 40000 25\r\n', { address: '2001:db8::1', port: 40000 }],
    ['PROXY TCP6 ::ffff:192.0.2.77 ::ffff:192.0.2.1 40000 25\r\n', { address: '192.0.2.77', port: 40000 }],
    ['PROXY UNKNOWN\r\n', null],
    ['PROXY UNKNOWN ffff::1 whatever comes\r\n', null],
  ])('of version 1 is read: %s', (line, client) => {
    expect(readProxyHeader(Buffer.from(`${line}EHLO`))).toEqual({ is: 'whole', client, length: line.length });
    for (let n = 0; n < line.length; n++) expect(readProxyHeader(Buffer.from(line.slice(0, n))).is).toBe('unfinished');
  });

  it('leaves the address of the connection where the header names no client over TCP', () => {
    const unix = binary(0x21, 0x31, Buffer.alloc(216));
    const udp = binary(0x21, 0x12, FROM_DOC);
    const unspecified = binary(0x21, 0x00, Buffer.from([1, 2, 3, 4, 5]));
    for (const bytes of [unix, udp, unspecified])
      expect(readProxyHeader(bytes)).toEqual({ is: 'whole', client: null, length: bytes.length });
    // What LOCAL carries is passed over unread.
    expect(readProxyHeader(binary(0x20, 0x11, Buffer.from([1, 2, 3])))).toMatchObject({ is: 'whole', client: null });
  });

  it('keeps an IPv4 client an IPv4 client when it is written as IPv6', () => {
    const mapped = Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255, 192, 0, 2, 77])]);
    const bytes = binary(0x21, 0x21, Buffer.concat([mapped, mapped, Buffer.from([0x9c, 0x40, 0, 25])]));
    expect(readProxyHeader(bytes)).toMatchObject({ client: { address: '192.0.2.77', port: 40000 } });
  });

  it.each([
    'EHLO client.test\r\n',
    'proxy TCP4 192.0.2.77 192.0.2.1 40000 25\r\n',
    'PROXY TCP4 192.0.2.77 192.0.2.1 40000\r\n',
    'PROXY TCP4 192.0.2.77 192.0.2.1 40000 25 more\r\n',
    'PROXY TCP4 192.0.2.077 192.0.2.1 40000 25\r\n',
    'PROXY TCP4 192.0.2.77  192.0.2.1 40000 25\r\n',
    'PROXY TCP4 2001:db8::1 2001:db8::2 40000 25\r\n',
    'PROXY TCP6 192.0.2.77 192.0.2.1 40000 25\r\n',
    'PROXY TCP6 fe80::1%eth0 2001:db8::2 40000 25\r\n',
    'PROXY TCP4 192.0.2.77 192.0.2.1 70000 25\r\n',
    'PROXY TCP4 192.0.2.77 192.0.2.1 -1 25\r\n',
    'PROXY HTTP 192.0.2.77 192.0.2.1 40000 25\r\n',
    'PROXY\tTCP4 192.0.2.77 192.0.2.1 40000 25\r\n',
    `PROXY UNKNOWN ${'x'.repeat(200)}\r\n`,
    'PROXY TCP4 192.0.2.77 192.0.2.1 40000 25\nEHLO client.test\r\n',
  ])('is refused when it is not exactly one: %j', (line) => {
    expect(readProxyHeader(Buffer.from(line)).is).toBe('wrong');
  });

  it('is refused when a binary one does not hold what it says', () => {
    const checksum = Buffer.from(WRITTEN.checksum, 'hex');
    checksum[16] = 10;
    const refused = {
      'another version': binary(0x31, 0x11, FROM_DOC),
      'another command': binary(0x22, 0x11, FROM_DOC),
      'another family': binary(0x21, 0x41, FROM_DOC),
      'another transport': binary(0x21, 0x13, FROM_DOC),
      'too few bytes for its addresses': binary(0x21, 0x21, FROM_DOC),
      'a field that goes on behind the end': binary(0x21, 0x11, Buffer.concat([FROM_DOC, Buffer.from([4, 0, 9, 1])])),
      'half a field': binary(0x21, 0x11, Buffer.concat([FROM_DOC, Buffer.from([4, 0])])),
      'an address that its checksum does not cover': checksum,
      'a checksum of two bytes': binary(0x21, 0x11, Buffer.concat([FROM_DOC, Buffer.from([3, 0, 2, 1, 1])])),
      // Before the rest has come: 64 KiB a connection is memory that nobody needs.
      'a length of 64 KiB': binary(0x21, 0x11, FROM_DOC, 65_535),
    };
    for (const [why, bytes] of Object.entries(refused))
      expect([why, readProxyHeader(bytes).is]).toEqual([why, 'wrong']);
  });

  it('takes any bytes without an error of its own, and never waits for more than a header holds', () => {
    const start = fc.constantFrom(
      Buffer.from(WRITTEN.local, 'hex').subarray(0, 12),
      Buffer.from('PROXY '),
      Buffer.alloc(0),
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (first, rest) => {
        const read = readProxyHeader(Buffer.concat([first, rest]));
        if (read.is !== 'whole') return;
        expect(read.length).toBeLessThanOrEqual(first.length + rest.length);
      }),
    );
    expect(readProxyHeader(Buffer.concat([binary(0x21, 0x11, FROM_DOC, 4080), Buffer.alloc(5000, 4)])).is).not.toBe(
      'unfinished',
    );
  });
});

describe('behind a load balancer', () => {
  let stage: Stage;
  let listener: Listener;
  const warned: Record<string, unknown>[] = [];
  const ENVELOPE = { from: 'x@amazonses.com', to: ['acme-7f3k@root.test'] };

  beforeAll(async () => {
    stage = await openStage();
    const { listenerDeps } = stage;
    const warn = (facts: Record<string, unknown>) => warned.push(facts);
    const log = Object.assign(Object.create(listenerDeps.log), {
      child: () => Object.assign(Object.create(log), { warn }),
    });
    const { smtp } = loadSettings({ file: '/dev/null', env: {} });
    listener = await startSmtp(
      { ...smtp, port: 0, proxyFrom: ['127.0.0.7'], maxConnectionsPerClient: 1 },
      { ...listenerDeps, log },
    );
  });
  afterAll(async () => {
    await listener?.close();
    await stage?.close();
  });

  const clients = async () =>
    (await stage.database.pool.query<{ client_ip: string }>('select client_ip from arrivals order by id')).rows.map(
      ({ client_ip }) => client_ip,
    );
  const through = (first: Buffer, from = '127.0.0.7') => openTalk(listener.port, 'EHLO', 'client.test', from, first);

  it('believes the client that version 2 names, also for limits, and itself where it speaks for itself', async () => {
    const named = await through(binary(0x21, 0x11, FROM_DOC));
    expect(await named.send(plainMail(), ENVELOPE)).toEqual([expect.stringMatching(/^250/)]);
    await expect(through(binary(0x21, 0x11, FROM_DOC))).rejects.toThrow(/hung up|421/);
    await named.quit();
    const local = await through(Buffer.from(WRITTEN.local, 'hex'));
    expect(await local.send(plainMail(), ENVELOPE)).toEqual([expect.stringMatching(/^250/)]);
    await local.quit();
    expect(await clients()).toEqual(['192.0.2.77', '127.0.0.7']);
  });

  it('takes a header that comes byte by byte, and greets when it is whole', async () => {
    const socket = connect({ port: listener.port, host: '127.0.0.1', localAddress: '127.0.0.7', noDelay: true });
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    const bytes = binary(0x21, 0x11, FROM_DOC);
    for (const byte of bytes.subarray(0, -1))
      await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
    expect(heard).toBe('');
    socket.write(bytes.subarray(-1));
    await until(() => heard.startsWith('220 '));
    socket.write('EHLO client.test\r\nQUIT\r\n');
    await until(() => /^221/m.test(heard));
    socket.destroy();
  });

  it('ends a connection from it that has no header, says why in the log, and goes on', async () => {
    warned.length = 0;
    await expect(through(Buffer.from('EHLO client.test\r\n'))).rejects.toThrow(/hung up/);
    await expect(through(binary(0x21, 0x11, FROM_DOC, 65_535))).rejects.toThrow(/hung up/);
    expect(warned).toEqual([
      { from: '127.0.0.7', why: 'no PROXY header' },
      { from: '127.0.0.7', why: 'the header is too long' },
    ]);
    const talk = await through(binary(0x21, 0x11, FROM_DOC));
    await talk.quit();
  });

  it('believes nobody else: from another address a header is no command that we know', async () => {
    const talk = await openTalk(listener.port, 'EHLO', 'client.test', '127.0.0.8');
    talk.socket.write(binary(0x21, 0x11, FROM_DOC));
    expect(await talk.answer()).toMatch(/^5/);
    talk.socket.destroy();
    const before = (await clients()).length;
    const plain = await openTalk(listener.port, 'EHLO', 'client.test', '127.0.0.8');
    await plain.send(plainMail(), ENVELOPE);
    await plain.quit();
    expect((await clients()).slice(before)).toEqual(['127.0.0.8']);
  });
});
