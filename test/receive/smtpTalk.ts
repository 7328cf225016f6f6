import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A bare SMTP or LMTP client: sends exactly the bytes that it is told. */
export type Talk = {
  socket: Socket;
  /** The answer to EHLO. */
  greeting: string;
  command(line: string, encoding?: BufferEncoding): Promise<string>;
  /** MAIL, RCPT, DATA; the final answers: one, or over LMTP one a recipient. */
  send(mail: Buffer, envelope: { from: string; to: string[] }, encoding?: BufferEncoding): Promise<string[]>;
  /** The next answer. */
  answer(): Promise<string>;
  quit(): Promise<void>;
};

/** `first`: sent before anything is heard. */
export async function openTalk(
  port: number,
  hello: 'EHLO' | 'LHLO' = 'EHLO',
  name = 'client.test',
  localAddress = '127.0.0.1',
  first: string | Buffer = '',
): Promise<Talk> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => {}); // a closed connection shows as an ended answer
  let received = '';
  let wake: () => void = () => {};
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    wake();
  });
  socket.on('close', () => wake());
  await once(socket, 'connect');
  if (first.length > 0) socket.write(first);

  const answer = async (): Promise<string> => {
    for (;;) {
      // Up to the first line whose code is followed by a space.
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(received);
      if (match) {
        received = received.slice(match[0].length);
        return match[0].trimEnd();
      }
      if (socket.closed || socket.readableEnded) throw new Error(`the server hung up; last words: ${received}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const command = (line: string, encoding: BufferEncoding = 'utf8') => {
    socket.write(Buffer.from(`${line}\r\n`, encoding));
    return answer();
  };

  await answer();
  const greeting = await command(`${hello} ${name}`);
  return {
    socket,
    greeting,
    command,
    answer,
    async send(mail, envelope, encoding) {
      const sender = await command(`MAIL FROM:<${envelope.from}>`, encoding);
      if (!sender.startsWith('250')) return [sender];
      for (const to of envelope.to) {
        const recipient = await command(`RCPT TO:<${to}>`);
        if (!recipient.startsWith('250')) return [recipient];
      }
      const go = await command('DATA');
      if (!go.startsWith('354')) return [go];
      const stuffed = mail.toString('latin1').replace(/(^|\r\n)\./g, '$1..');
      const end = stuffed === '' || stuffed.endsWith('\r\n') ? '.\r\n' : '\r\n.\r\n';
      socket.write(Buffer.from(stuffed + end, 'latin1'));
      const answers: string[] = [];
      for (let n = 0; n < (hello === 'LHLO' ? envelope.to.length : 1); n++) answers.push(await answer());
      return answers;
    },
    async quit() {
      const closed = socket.closed ? null : once(socket, 'close');
      socket.end('QUIT\r\n');
      await closed;
    },
  };
}
