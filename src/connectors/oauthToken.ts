import axios, { type AxiosError } from 'axios';
import { retryAfterSeconds } from './httpStatus.ts';

export type TokenRequest = {
  /** Token endpoint (RFC 6749 §3.2). */
  url: string;
  clientId: string;
  /** null: a public client. */
  clientSecret: string | null;
  refreshToken: string;
  /** Empty: what the refresh token was given for. */
  scope: string;
};

export type Token = {
  accessToken: string;
  /** Milliseconds that it holds. */
  lastsMs: number;
  /** The refresh token to be used from now on, where the endpoint gave another one. */
  refreshToken: string | null;
};

/**
 * What a token endpoint refused or could not do. `revoked`: the refresh token has expired, was revoked, or its user must sign in
 * again. `wrong`: our client or scope is. Neither is mended by waiting.
 */
export class TokenRefused extends Error {
  readonly tokenProblem: 'revoked' | 'wrong' | 'throttled' | 'unavailable';
  readonly retryAfterMs: number | null;

  constructor(problem: TokenRefused['tokenProblem'], message: string, retryAfterMs: number | null = null) {
    super(message);
    this.name = 'TokenRefused';
    this.tokenProblem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

const TIMEOUT_MS = 15_000;
const ANSWER_BYTES = 64 * 1024;
/** Where an endpoint does not say how long a token holds (RFC 6749 §5.1 recommends that it does). */
const USUAL_SECONDS = 300;
/** RFC 6749 §5.2, OpenID Connect §3.1.2.6; Microsoft answers `interaction_required` where an administrator's rule changed. */
const REVOKED = new Set(['invalid_grant', 'interaction_required', 'login_required', 'consent_required']);
/** Google answers 403 `rate_limit_exceeded`, Microsoft AADSTS90033 (transient) and AADSTS50196 (a loop of requests). */
const THROTTLED = /rate_?limit|too many|AADSTS(?:50196|90055)\b/i;
const UNAVAILABLE = new Set(['temporarily_unavailable', 'server_error', 'internal_failure']);

/**
 * Takes a new access token for a refresh token (RFC 6749 §6). Redirects are not followed, no proxy of the environment is used.
 * Rejects with TokenRefused, whose text holds no token and no secret.
 */
export async function refreshToken(request: TokenRequest, now: Date = new Date()): Promise<Token> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: request.refreshToken,
    client_id: request.clientId,
    ...(request.clientSecret !== null && { client_secret: request.clientSecret }),
    ...(request.scope !== '' && { scope: request.scope }),
  });
  let answer: { status: number; data: unknown; headers: Record<string, unknown> };
  try {
    answer = await axios.post(request.url, body.toString(), {
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      timeout: TIMEOUT_MS,
      maxRedirects: 0,
      maxContentLength: ANSWER_BYTES,
      proxy: false,
      responseType: 'json',
      validateStatus: () => true,
    });
  } catch (error) {
    throw new TokenRefused(
      'unavailable',
      `the token endpoint does not answer (${(error as AxiosError).code ?? 'no code'})`,
    );
  }
  const { status } = answer;
  const said = (typeof answer.data === 'object' && answer.data !== null ? answer.data : {}) as Record<string, unknown>;
  if (status === 200 && typeof said.access_token === 'string' && said.access_token !== '') {
    const seconds = Number(said.expires_in);
    const isNew = typeof said.refresh_token === 'string' && said.refresh_token !== request.refreshToken;
    return {
      accessToken: said.access_token,
      lastsMs: (Number.isFinite(seconds) && seconds > 0 ? seconds : USUAL_SECONDS) * 1000,
      refreshToken: isNew ? (said.refresh_token as string) : null,
    };
  }
  const code = typeof said.error === 'string' ? said.error.slice(0, 80) : '';
  const text = typeof said.error_description === 'string' ? said.error_description : '';
  // Of Microsoft's text only its number is told: the rest names the user and request.
  const aadsts = /AADSTS\d{5,6}/.exec(text)?.[0];
  const told = `the token endpoint answered ${status}${code === '' ? '' : ` ${code}`}${aadsts ? ` (${aadsts})` : ''}`;
  const after = retryAfterSeconds(String(answer.headers['retry-after'] ?? ''), now.getTime());
  const retryAfterMs = after === null ? null : after * 1000;
  if (status === 429 || THROTTLED.test(`${code} ${text}`)) throw new TokenRefused('throttled', told, retryAfterMs);
  if (status >= 500 || UNAVAILABLE.has(code)) throw new TokenRefused('unavailable', told, retryAfterMs);
  throw new TokenRefused(REVOKED.has(code) ? 'revoked' : 'wrong', told);
}
