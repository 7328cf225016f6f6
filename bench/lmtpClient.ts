import { connect, type Socket } from 'node:net';

/**
 * A small LMTP client (RFC 2033): one connection, one mail after another, commands in one piece (RFC 2920) as Postfix sends
 * them, as little CPU as can be.
 */
export class LmtpClient {
  #socket: Socket;
  #buffer = '';
  #waiting: ((line: string) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
  }

  static async open(port: number): Promise<LmtpClient> {
    const client = new LmtpClient(connect(port, '127.0.0.1'));
    await client.#expect('220');
    client.#socket.write('LHLO bench.example\r\n');
    await client.#expect('250');
    return client;
  }

  /** Delivers one mail to one recipient; resolves when the listener has taken it. Throws on any other answer. */
  async deliver(from: string, to: string, stuffed: Buffer): Promise<void> {
    this.#socket.write(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
    await Promise.all([this.#expect('250'), this.#expect('250'), this.#expect('354')]);
    this.#socket.write(stuffed);
    await this.#expect('250');
  }

  close(): void {
    this.#socket.end('QUIT\r\n');
  }

  #read(chunk: string): void {
    this.#buffer += chunk;
    let end = this.#buffer.indexOf('\r\n');
    while (end >= 0) {
      const line = this.#buffer.slice(0, end);
      this.#buffer = this.#buffer.slice(end + 2);
      if (line[3] !== '-') this.#waiting.shift()?.(line);
      end = this.#buffer.indexOf('\r\n');
    }
  }

  async #expect(code: string): Promise<void> {
    // A slow machine lets a connection be silent for longer than the listener bears.
    if (this.#socket.destroyed) throw new Error('the listener closed the connection');
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push(resolve);
      this.#socket.once('close', () => reject(new Error('the listener closed the connection')));
    });
    this.#socket.removeAllListeners('close');
    if (!line.startsWith(code)) throw new Error(`expected ${code}, got: ${line}`);
  }
}

/** The bytes of DATA: lines that start with a dot get another one (RFC 5321 §4.5.2), final dot added. */
export function dotStuffed(raw: Buffer): Buffer {
  const text = raw.toString('latin1').replace(/(^|\r\n)\./g, '$1..');
  return Buffer.from(`${text}${text.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1');
}
