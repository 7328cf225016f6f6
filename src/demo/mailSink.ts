import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail that the demo's own mail server took. */
export type SinkMail = {
  id: number;
  /** ISO 8601. */
  at: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  messageId: string | null;
};

export type MailSink = {
  /** Free port on 127.0.0.1. */
  port: number;
  /** The newest first, at most SINK_MAILS. */
  list(): SinkMail[];
  close(): Promise<void>;
};

/** Mails kept in memory; the oldest go. */
export const SINK_MAILS = 200;
const LARGEST = 1024 * 1024;

/**
 * A mail server that takes every mail and delivers none: the outgoing server of the demo. Loopback only, no TLS, nothing
 * written to disk.
 */
export async function startMailSink(): Promise<MailSink> {
  const mails: SinkMail[] = [];
  let taken = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: LARGEST,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= LARGEST) chunks.push(chunk);
      });
      stream.on('error', done);
      stream.on('end', () => {
        if (size > LARGEST) return done(Object.assign(new Error('message too large'), { responseCode: 552 }));
        const { mailFrom, rcptTo } = session.envelope;
        const envelope = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map((recipient) => recipient.address),
        };
        simpleParser(Buffer.concat(chunks), { skipImageLinks: true }).then((parsed) => {
          taken += 1;
          mails.unshift({
            id: taken,
            at: new Date().toISOString(),
            ...envelope,
            subject: parsed.subject ?? '',
            text: parsed.text ?? '',
            messageId: parsed.messageId ?? null,
          });
          mails.length = Math.min(mails.length, SINK_MAILS);
          done();
        }, done);
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as { port: number };
  return {
    port,
    list: () => [...mails],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
