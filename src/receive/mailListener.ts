import { once } from 'node:events';
import { type AddressInfo, BlockList, isIPv6, type Server } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { readFields } from '../core/fields.ts';
import { type Arrival, THROUGH_HOP } from '../core/values.ts';
import { clientNetwork } from '../lib/clientNetwork.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { listenError } from '../lib/listenError.ts';
import type { Log } from '../lib/log.ts';
import type { Budget } from './budget.ts';
import { readDotsExactly } from './exactDots.ts';
import { createForwardedClients } from './forwardedClient.ts';
import { gatherReplies } from './gatherReplies.ts';
import type { Keep } from './keep.ts';
import { createMailBuffer, type Refusal } from './mailBuffer.ts';
import { readProxyHeaders } from './proxiedClient.ts';
import { findRecipient, plainRecipient, type RecipientDeps } from './recipients.ts';
import type { ReturnedRoom } from './returned.ts';
import { countTrustedReceived } from './trustedReceived.ts';

export type ListenerDeps = Omit<RecipientDeps, 'hostname' | 'verp'> & {
  keep: Keep;
  /** Takes what comes back to envelope senders of copies; null: no copies are sent. */
  returned: ReturnedRoom | null;
  budget: Budget;
  clock: Clock;
  log: Log;
  /** Largest mail (bytes). */
  mailBytes: number;
};

export type ListenerOptions = {
  transport: 'smtp' | 'lmtp';
  bind: string;
  port: number;
  hostname: string;
  maxConnections: number;
  maxRecipients: number;
  /** Connections of one client address (of one /64 for IPv6) that is no hop of ours. */
  maxPerClient: number;
  /** Whether this client is a hop of ours: a mail server that the settings trust. */
  isOurHop: (clientIp: string) => boolean;
  /** authserv-ids that our hops write. */
  authservIds: readonly string[];
  tls: { key: Buffer; cert: Buffer } | null;
  /** Addresses that begin each connection with a PROXY header (version 1 or 2) that names the client. */
  proxies?: readonly string[];
  /** Silence after which a client is dropped (ms, default 60 s). */
  idleMs?: number;
  /** Longest from DATA to the last byte (ms, default 10 min): a client that drips bytes holds memory. */
  dataMs?: number;
};

export type Listener = {
  port: number;
  /** Stops taking connections, lets mail that is under way finish, closes the rest. */
  close(): Promise<void>;
};

const IDLE_MS = 60_000;
const DATA_MS = 10 * 60_000;
/** Longest that mail under way may take when we stop (ms). */
const CLOSE_MS = 10_000;

/** An answer to the client: reply code (RFC 5321 §4.2) and text with the enhanced code (RFC 3463). */
const REPLIES = {
  unknown: [550, '5.1.1 No such address here'],
  trouble: [451, '4.3.0 Cannot keep mail now, try again later'],
  no_room: [452, '4.3.1 Too much mail in memory now, try again later'],
  too_large: [552, '5.3.4 Message too large'],
  too_many: [421, '4.7.0 Too many connections from your address, try again later'],
  slow: [451, '4.4.2 The message took too long'],
} as const;

/**
 * A listener for SMTP or LMTP that only takes mail in: 250 is said after the commit, 4xx when we cannot keep it, 550 only
 * at RCPT for an address that is none of ours, 552 above the size limit. Nothing is relayed. Rejects with RootdeskError
 * when the port cannot be had.
 */
export async function startListener(options: ListenerOptions, deps: ListenerDeps): Promise<Listener> {
  const log = deps.log.child({ role: options.transport });
  const recipients: RecipientDeps = { ...deps, hostname: options.hostname, verp: deps.returned?.verp ?? null };
  const underWay = new Set<string>();
  let closing = false;
  readDotsExactly();

  const server = new SMTPServer({
    lmtp: options.transport === 'lmtp',
    name: options.hostname,
    size: deps.mailBytes,
    maxClients: options.maxConnections,
    maxRecipients: options.maxRecipients,
    authOptional: true,
    disabledCommands: options.tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    hideSTARTTLS: options.tls === null,
    ...(options.tls ?? {}),
    ...(options.proxies?.length ? { useProxy: [...options.proxies] } : {}),
    disableReverseLookup: true,
    logger: false,
    socketTimeout: options.idleMs ?? IDLE_MS,
    closeTimeout: CLOSE_MS,
    onConnect({ id, remoteAddress }, callback) {
      if (options.isOurHop(remoteAddress)) forwarded.hear(id);
      const client = clientNetwork(remoteAddress);
      const isSame = (one: { remoteAddress: string }) => clientNetwork(one.remoteAddress) === client;
      const isTooMany =
        !options.isOurHop(remoteAddress) && [...server.connections].filter(isSame).length > options.maxPerClient;
      callback(isTooMany ? reply('too_many') : null);
    },
    onMailFrom(_address, { id }, callback) {
      forwarded.begin(id);
      callback();
    },
    onClose: ({ id }) => forwarded.forget(id),
    onRcptTo(address, _session, callback) {
      findRecipient(address.address, recipients).then(
        (known) => callback(known === null ? reply('unknown') : null),
        (error: unknown) => {
          log.error({ error: messageOf(error) }, 'a recipient could not be looked up');
          callback(reply('trouble'));
        },
      );
    },
    onData(stream, session, callback) {
      underWay.add(session.id);
      takeMail(stream, session).then(
        (refusal) => {
          callback(refusal ? reply(refusal) : null);
          underWay.delete(session.id);
          if (closing) setImmediate(() => hangUp(session.id, 'Shutting down'));
        },
        // The client went away in the middle: nobody to answer, nothing was kept.
        () => underWay.delete(session.id),
      );
    },
  });
  const forwarded = createForwardedClients(server);
  readProxyHeaders(server, (why, from) =>
    log.warn({ from, why }, 'a load balancer connected without a PROXY header that can be read, and was cut off'),
  );
  server.on('error', (error: Error) => log.debug({ error: messageOf(error) }, 'a connection broke'));

  /** Takes one mail to its end and keeps it; null when it is committed. Rejects when the client went away before. */
  const takeMail = async (
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<keyof typeof REPLIES | null> => {
    const buffer = createMailBuffer(deps.budget, deps.mailBytes);
    const timer = setTimeout(() => {
      log.warn({ client: session.remoteAddress }, 'a client took too long to send its mail and was dropped');
      hangUp(session.id, REPLIES.slow[1]);
    }, options.dataMs ?? DATA_MS);
    try {
      const refusal = await collect(stream, buffer);
      if (refusal) return refusal;
      const raw = buffer.bytes();
      await takeIn(raw, arrivalOf(raw, session));
      return null;
    } catch (error) {
      if (stream.errored) throw error;
      log.error({ error: messageOf(error) }, 'a mail could not be kept; its sender was asked to try again');
      return 'trouble';
    } finally {
      clearTimeout(timer);
      buffer.free();
    }
  };

  /** What came back for a copy is none of a customer's mail; whatever else the envelope names is kept. */
  const takeIn = async (raw: Buffer, arrival: Arrival): Promise<void> => {
    const left = deps.returned === null ? arrival : await deps.returned.take(raw, arrival);
    if (left !== null) await deps.keep(raw, left);
  };

  const arrivalOf = (raw: Buffer, session: SMTPServerSession): Arrival => {
    const helo = session.hostNameAppearsAs || null;
    const isOurs = options.isOurHop(session.remoteAddress);
    const authservIds = isOurs ? [...options.authservIds] : [];
    const client = isOurs ? forwarded.of(session.id) : null;
    return {
      transport: options.transport,
      arrivedAt: deps.clock.now().toISOString(),
      envelopeFrom: session.envelope.mailFrom ? session.envelope.mailFrom.address : null,
      envelopeTo: session.envelope.rcptTo.map(({ address }) => plainRecipient(address)),
      clientIp: client?.address ?? session.remoteAddress,
      helo: client ? client.helo : helo,
      tls: session.secure,
      trustedAuthservIds: authservIds,
      trustedReceived: isOurs ? countTrustedReceived(readFields(raw), [...authservIds, helo ?? '']) : 0,
      source: client && `${THROUGH_HOP}${session.remoteAddress}`,
      uidValidity: null,
      uid: null,
    };
  };

  const hangUp = (sessionId: string, why: string) => {
    for (const connection of server.connections) if (connection.id === sessionId) connection.send(421, why);
  };

  const listening = await listen(server, options);
  // Not where a session may change to TLS in the middle: what is gathered then must not overtake the handshake.
  if (options.tls === null) listening.on('connection', gatherReplies);
  const { port } = listening.address() as AddressInfo;
  log.info({ bind: options.bind, port }, 'listening');
  return {
    port,
    close() {
      closing = true;
      return new Promise((resolve) => {
        server.close(resolve);
        for (const connection of server.connections) {
          if (!underWay.has(connection.id)) connection.send(421, 'Shutting down');
        }
      });
    },
  };
}

/** Reads the stream to its end whatever happens, as the protocol needs; holds nothing once the mail is refused. */
async function collect(
  stream: SMTPServerDataStream,
  buffer: ReturnType<typeof createMailBuffer>,
): Promise<Refusal | null> {
  let refusal: Refusal | null = null;
  stream.on('data', (chunk: Buffer) => {
    refusal = buffer.add(chunk) ?? refusal;
  });
  await once(stream, 'end');
  return stream.sizeExceeded ? 'too_large' : refusal;
}

async function listen(server: SMTPServer, options: ListenerOptions): Promise<Server> {
  try {
    const listening = server.listen(options.port, options.bind);
    await once(listening, 'listening');
    return listening;
  } catch (error) {
    const name = options.transport.toUpperCase();
    throw listenError(name, options, { bind: `ROOTDESK_${name}_BIND`, port: `ROOTDESK_${name}_PORT` }, error);
  }
}

function reply(name: keyof typeof REPLIES): Error {
  const [responseCode, text] = REPLIES[name];
  return Object.assign(new Error(text), { responseCode });
}

/** A test for addresses and networks in CIDR notation. */
export function networkTest(networks: readonly string[]): (ip: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (ip) => {
    const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '');
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
