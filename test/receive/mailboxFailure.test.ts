import { describe, expect, it } from 'vitest';
import { classifyFailure, waitAfter } from '../../src/receive/mailboxFailure.ts';
import { LeaseLost } from '../../src/store/mailboxCursor.ts';

const error = (message: string, more: object = {}) => Object.assign(new Error(message), more);

describe('trouble with a mailbox', () => {
  it.each([
    [
      'authentication',
      error('Command failed', { authenticationFailed: true, serverResponseCode: 'AUTHENTICATIONFAILED' }),
    ],
    [
      'authentication',
      error('Command failed', { authenticationFailed: true, response: 'Invalid credentials (Failure)' }),
    ],
    ['authentication', error('Command failed', { authenticationFailed: true, serverResponseCode: 'EXPIRED' })],
    // The server cannot say now whether the login is right: no word against it.
    ['network', error('Command failed', { authenticationFailed: true, serverResponseCode: 'UNAVAILABLE' })],
    ['network', error('Command failed', { authenticationFailed: true, response: 'Temporary authentication failure.' })],
    ['network', error('x', { authenticationFailed: true, response: 'User is authenticated but not connected.' })],
    [
      'token',
      error('Command failed', { authenticationFailed: true, oauthError: { status: '400', schemes: 'Bearer' } }),
    ],
    ['token', error('refused', { tokenProblem: 'revoked', retryAfterMs: null })],
    ['token', error('refused', { tokenProblem: 'wrong', retryAfterMs: null })],
    ['throttled', error('slow down', { tokenProblem: 'throttled', retryAfterMs: 30_000 })],
    ['network', error('away', { tokenProblem: 'unavailable', retryAfterMs: null })],
    ['throttled', error('Request is throttled', { code: 'ETHROTTLE', throttleReset: 92_415 })],
    ['throttled', error('x', { authenticationFailed: true, serverResponseCode: 'LIMIT' })],
    ['throttled', error('x', { responseStatus: 'NO', response: 'Too many simultaneous connections. (Failure)' })],
    ['throttled', error('x', { response: 'Account exceeded command or bandwidth limits. (Failure)' })],
    ['network', error('connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED' })],
    ['network', error('the server closed the connection')],
    ['protocol', error('Command failed', { responseStatus: 'NO', response: "Mailbox doesn't exist: Incoming" })],
    ['protocol', error('Unexpected char', { code: 'ParserError' })],
    ['storage', error('deadlock detected', { code: '40P01', severity: 'ERROR' })],
    ['storage', error('Connection terminated unexpectedly')],
    ['storage', new LeaseLost('box')],
  ] as const)('%s: %s', (kind, problem) => {
    expect(classifyFailure(problem).class).toBe(kind);
  });

  it('that waiting does not mend is told from what it does', () => {
    expect(classifyFailure(error('refused', { tokenProblem: 'revoked', retryAfterMs: null })).isFinal).toBe(true);
    expect(classifyFailure(error('x', { authenticationFailed: true, oauthError: {} })).isFinal).toBe(false);
  });

  it('is told without any secret', () => {
    const said = error('LOGIN me hunter22 failed', { authenticationFailed: true, response: 'no hunter22 here' });
    expect(classifyFailure(said, ['hunter22', null]).text).toBe('LOGIN me … failed: no … here');
  });

  it('waits longer each time, apart from others, and never shorter than the server asks', () => {
    const network = { class: 'network', retryAfterMs: null } as const;
    expect([1, 2, 3, 30].map((n) => waitAfter(network, n, 1))).toEqual([2000, 3200, 5120, 60_000]);
    expect(waitAfter(network, 30, 0)).toBe(30_000);
    expect(waitAfter({ class: 'throttled', retryAfterMs: 1_200_000 }, 1, 0)).toBe(1_200_000);
    expect(waitAfter({ class: 'throttled', retryAfterMs: null }, 9, 1)).toBe(900_000);
  });
});
