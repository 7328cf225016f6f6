import type { Socket } from 'node:net';

/**
 * Sends the replies of one turn of the event loop together. A mail server sends MAIL, RCPT and DATA in one piece (RFC 2920)
 * and smtp-server answers each by a write of its own, which costs more than all else that it does for the command.
 */
export function gatherReplies(socket: Socket): void {
  const write = socket.write;
  socket.write = ((...reply: Parameters<typeof write>) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    return write.apply(socket, reply);
  }) as typeof write;
}
