/**
 * Standard output of the command line. Whoever reads it may go away before we are done (`| head`, a closed terminal):
 * that is no error, and must neither crash a command nor cut its cleaning up short.
 */
let isRead = true;
let isWatched = false;

/** Writes text as it is. False when nobody reads any more: what is left to print need not be made. */
export function print(text: string): boolean {
  if (!isWatched) {
    isWatched = true;
    process.stdout.on('error', () => {
      isRead = false;
    });
  }
  if (isRead) process.stdout.write(text);
  return isRead;
}
