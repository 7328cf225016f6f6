import { createServer, type Socket } from 'node:net';

/**
 * The plainest mail server that takes everything: run as a process of its own, so that its work is not counted. Prints its
 * port.
 */
const END = Buffer.from('\r\n.\r\n');

function serve(socket: Socket): void {
  let isData = false;
  let tail = Buffer.alloc(0);
  const say = (line: string) => socket.write(`${line}\r\n`);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    let bytes = tail.length > 0 ? Buffer.concat([tail, chunk]) : chunk;
    for (;;) {
      if (isData) {
        const end = bytes.indexOf(END);
        if (end < 0) {
          tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - END.length + 1)));
          return;
        }
        isData = false;
        say('250 2.0.0 taken');
        bytes = bytes.subarray(end + END.length);
        continue;
      }
      const end = bytes.indexOf('\r\n');
      if (end < 0) {
        tail = Buffer.from(bytes);
        return;
      }
      const verb = bytes.toString('latin1', 0, 4).toUpperCase();
      bytes = bytes.subarray(end + 2);
      if (verb === 'EHLO') socket.write('250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n');
      else if (verb === 'DATA') {
        isData = true;
        say('354 go on');
      } else if (verb === 'QUIT') {
        say('221 2.0.0 bye');
        socket.end();
      } else say('250 2.0.0 ok');
    }
  });
  say('220 sink');
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
