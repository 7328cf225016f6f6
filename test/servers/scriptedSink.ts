import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export type SinkMail = { from: string; to: string; raw: Buffer };

/** What the sink says: null takes it; at which stage, and the whole reply. */
export type SinkReply = { stage: 'rcpt' | 'data'; reply: string } | null;

export type ScriptedSink = {
  port: number;
  taken: SinkMail[];
  /** Asked once a recipient and once a mail. */
  script: (mail: { from: string; to: string; raw: Buffer | null }) => SinkReply | Promise<SinkReply>;
  close(): Promise<void>;
};

/** A smarthost on loopback that takes mail, or answers as the test says. */
export async function startScriptedSink(): Promise<ScriptedSink> {
  const sink: ScriptedSink = { port: 0, taken: [], script: () => null, close: async () => {} };
  const refuse = (said: SinkReply) => {
    const [, code = '451', text = ''] = /^(\d{3}) (.*)$/.exec(said?.reply ?? '') ?? [];
    return Object.assign(new Error(text), { responseCode: Number(code) });
  };
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    async onRcptTo({ address }, session, done) {
      const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
      const said = await sink.script({ from, to: address, raw: null });
      done(said?.stage === 'rcpt' ? refuse(said) : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
        const mail = { from, to: session.envelope.rcptTo[0]?.address ?? '', raw: Buffer.concat(chunks) };
        const said = await sink.script(mail);
        if (said?.stage === 'data') return done(refuse(said));
        sink.taken.push(mail);
        done(null);
      });
    },
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  sink.port = (listening.address() as AddressInfo).port;
  sink.close = () => new Promise((resolve) => server.close(resolve));
  return sink;
}
