import { EXIT, messageOf, RootdeskError } from './errors.ts';

/**
 * Why a server of ours cannot listen, and which setting to change. `what` begins the sentence ("SMTP", "the pages");
 * `names` are the environment names of its address and port.
 */
export function listenError(
  what: string,
  at: { bind: string; port: number },
  names: { bind: string; port: string },
  error: unknown,
): RootdeskError {
  const { code } = error as NodeJS.ErrnoException;
  const [why, hint] = reasonOf(code ?? '', names) ?? [messageOf(error), `check ${names.bind} and ${names.port}`];
  const isBusy = code === 'EADDRINUSE';
  return new RootdeskError(
    isBusy ? 'listen.busy' : 'listen.failed',
    `${what} cannot listen on ${at.bind} port ${at.port}: ${why}`,
    hint,
    { exitCode: EXIT.unavailable, cause: error },
  );
}

function reasonOf(code: string, names: { bind: string; port: string }): [why: string, hint: string] | null {
  switch (code) {
    case 'EADDRINUSE':
      return ['the port is in use', `free it, or set ${names.port} to another port (0 takes a free one)`];
    case 'EACCES':
      return [
        'ports below 1024 are for root',
        `set ${names.port} to a port from 1024 on (0 takes a free one), or grant the right to lower ones`,
      ];
    case 'EADDRNOTAVAIL':
      return ['this machine has no such address', `set ${names.bind} to one of its addresses`];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['no address is known for this name', `set ${names.bind} to an address of this machine`];
    case 'EINVAL':
      return ['it is no address that can be listened on', `set ${names.bind} to an address of this machine`];
    default:
      return null;
  }
}
