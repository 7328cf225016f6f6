import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import packet from 'dns-packet';

/**
 * One record. TXT data is one string of any length; it is split into character-strings (RFC 1035 §3.3.14) here. MX data is
 * `10 mx.example`.
 */
export type DnsRecord = { name: string; type: 'TXT' | 'A' | 'AAAA' | 'MX'; data: string };

/** How the server misbehaves: never answers, or answers SERVFAIL. null: it behaves. */
export type DnsFailure = 'timeout' | 'servfail' | null;

export type DnsServer = {
  /** `host:port`, as the setting dns.servers takes it. */
  server: string;
  /** Other records from now on. */
  replace(records: readonly DnsRecord[]): void;
  fail(mode: DnsFailure): void;
  close(): Promise<void>;
};

const AUTHORITATIVE = packet.AUTHORITATIVE_ANSWER;
const SERVFAIL = 2;
const NXDOMAIN = 3;

/**
 * A small authoritative DNS server on a free port (UDP), on the loopback address unless said otherwise. It holds the keys of the sample senders, so that the
 * demo's mail is verified by the same code and over the same protocol as real mail. A name that has other records, or
 * names below it, answers "no data"; any other unknown name answers NXDOMAIN.
 */
export async function startDnsServer(records: readonly DnsRecord[], host = '127.0.0.1'): Promise<DnsServer> {
  let zone = zoneOf(records);
  let failure: DnsFailure = null;
  const socket = createSocket('udp4');
  socket.on('error', () => {}); // a reply to a client that is gone
  socket.on('message', (bytes: Buffer, client: RemoteInfo) => {
    if (failure === 'timeout') return;
    const reply = answer(bytes, zone, failure);
    if (reply) socket.send(reply, client.port, client.address, () => {});
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  return {
    server: `${host}:${socket.address().port}`,
    replace(next) {
      zone = zoneOf(next);
    },
    fail(mode) {
      failure = mode;
    },
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

type Zone = Map<string, DnsRecord[]>;

/** Records by name, with an empty entry for every name above one: those exist, without data. */
function zoneOf(records: readonly DnsRecord[]): Zone {
  const zone: Zone = new Map();
  for (const record of records) {
    const name = record.name.toLowerCase().replace(/\.$/, '');
    zone.set(name, [...(zone.get(name) ?? []), record]);
    const labels = name.split('.');
    for (let above = 1; above < labels.length; above++) {
      const parent = labels.slice(above).join('.');
      if (!zone.has(parent)) zone.set(parent, []);
    }
  }
  return zone;
}

function answer(bytes: Buffer, zone: Zone, failure: DnsFailure): Buffer | null {
  let query: packet.DecodedPacket;
  try {
    query = packet.decode(bytes);
  } catch {
    return null;
  }
  const question = query.questions?.[0];
  if (query.type !== 'query' || !question) return null;
  const found = zone.get(question.name.toLowerCase());
  const answers = (found ?? [])
    .filter((record) => record.type === question.type)
    .map((record) => ({ name: question.name, type: record.type, ttl: 60, data: dataOf(record) }) as packet.Answer);
  const code = failure === 'servfail' ? SERVFAIL : found ? 0 : NXDOMAIN;
  return packet.encode({
    type: 'response',
    id: query.id,
    flags: AUTHORITATIVE | code,
    questions: [question],
    answers: code === 0 ? answers : [],
  });
}

function dataOf(record: DnsRecord): string | Buffer[] | { preference: number; exchange: string } {
  if (record.type === 'MX') {
    const [preference, exchange = ''] = record.data.split(' ');
    return { preference: Number(preference), exchange: exchange.replace(/\.$/, '') };
  }
  if (record.type !== 'TXT') return record.data;
  const bytes = Buffer.from(record.data);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += 255) parts.push(bytes.subarray(at, at + 255));
  return parts;
}
