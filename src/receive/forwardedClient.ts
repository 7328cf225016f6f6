import { isIP } from 'node:net';
import type { SMTPServer } from 'smtp-server';

/** Whose mail a hop of ours hands over, as it said itself. */
export type ForwardedClient = { address: string; helo: string | null };

export type ForwardedClients = {
  /** Makes this session know XFORWARD; nobody else is told of it or believed. Called when it has connected. */
  hear(sessionId: string): void;
  /** Gives what was said to the transaction that begins: it holds for one mail. Called at MAIL. */
  begin(sessionId: string): void;
  /** Of the transaction; null: the hop said nothing, or that it does not know. */
  of(sessionId: string): ForwardedClient | null;
  forget(sessionId: string): void;
};

const ATTRIBUTES = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'IDENT', 'SOURCE'];
const UNKNOWN = ['[UNAVAILABLE]', '[TEMPUNAVAIL]'];

/** What smtp-server asks of a connection; the version of the package is pinned and a test speaks with Postfix. */
type Connection = {
  id: string;
  session: { envelope?: { mailFrom: unknown } };
  send(code: number, text: string): void;
  handler_XFORWARD(command: Buffer | string, done: () => void): void;
  _proxyCommandAllowed(command: string): boolean;
};

/**
 * XFORWARD (https://www.postfix.org/XFORWARD_README.html) for SPF: a mail server of ours says who its client was. The
 * package's own takes the client's address and name for those of the connection, for all that follows: limits would count
 * by what a client says of itself, and the name of the hop, which tells its Received fields, would be lost.
 */
export function createForwardedClients(server: SMTPServer): ForwardedClients {
  const said = new Map<string, Map<string, string | null>>();
  const current = new Map<string, ForwardedClient>();

  function xforward(this: Connection, command: Buffer | string, done: () => void): void {
    if (this.session.envelope?.mailFrom) {
      this.send(503, '5.5.1 Mail transaction in progress');
    } else {
      const values = readAttributes(command.toString());
      if (values !== null) said.set(this.id, new Map([...(said.get(this.id) ?? []), ...values]));
      this.send(values === null ? 501 : 250, values === null ? '5.5.4 Bad XFORWARD parameters' : '2.0.0 Ok');
    }
    done();
  }

  return {
    hear(sessionId) {
      for (const one of server.connections as unknown as Set<Connection>) {
        if (one.id !== sessionId) continue;
        one.handler_XFORWARD = xforward;
        one._proxyCommandAllowed = (command) => command === 'XFORWARD';
      }
    },
    begin(sessionId) {
      const address = said.get(sessionId)?.get('ADDR');
      const helo = said.get(sessionId)?.get('HELO') ?? null;
      said.delete(sessionId);
      if (address) current.set(sessionId, { address, helo });
      else current.delete(sessionId);
    },
    of: (sessionId) => current.get(sessionId) ?? null,
    forget(sessionId) {
      said.delete(sessionId);
      current.delete(sessionId);
    },
  };
}

/** Names with their values (xtext, RFC 3461 §4), null what the hop does not know; null when it cannot be read. */
function readAttributes(command: string): Map<string, string | null> | null {
  const values = new Map<string, string | null>();
  for (const word of command.trim().split(/\s+/).slice(1)) {
    const at = word.indexOf('=');
    const name = word.slice(0, at).toUpperCase();
    if (at < 1 || !ATTRIBUTES.includes(name)) return null;
    const text = word
      .slice(at + 1)
      .replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
    if (/\p{Cc}/u.test(text) || text.length > 255) return null;
    if (UNKNOWN.includes(text.toUpperCase())) values.set(name, null);
    else if (name !== 'ADDR') values.set(name, text);
    else {
      const address = text.replace(/^IPV6:/i, '');
      if (isIP(address) === 0) return null;
      values.set(name, address);
    }
  }
  return values.size === 0 ? null : values;
}
