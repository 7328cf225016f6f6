import { createHmac } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios, { type AxiosError, type AxiosResponse } from 'axios';
import type { Failure } from '../core/retry.ts';
import { httpStatusClass, retryAfterSeconds } from './httpStatus.ts';
import { isCertificateCode } from './mailFailure.ts';
import { checkHost, pinnedLookup, RefusedAddress } from './pinnedLookup.ts';

export type WebhookOptions = {
  url: string;
  /** Key of the signature: text, or `whsec_` and base64. */
  secret: string;
  /** Allow private and loopback addresses; link-local and metadata addresses are refused always. */
  allowPrivate: boolean;
  /** Longest until the answer's head is there (ms). */
  timeoutMs?: number;
};

export type WebhookMessage = {
  /** The same for every try, so that the receiver can tell a repetition. */
  id: string;
  /** JSON. */
  body: string;
};

export type WebhookResult = { ok: true; status: number } | { ok: false; failure: Failure };

export type Webhook = {
  /** Posts once. Never throws: what went wrong is in the result. */
  send(message: WebhookMessage, now: Date): Promise<WebhookResult>;
  close(): void;
};

const TIMEOUT_MS = 10_000;
/** Largest body that is sent (bytes). */
const BODY_BYTES = 64 * 1024;
const MENDED_BY_A_PERSON = 900;
/** Errors that come before the first byte of a request has left. */
const NOTHING_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EACCES',
]);

/**
 * A webhook as Standard Webhooks says (https://www.standardwebhooks.com): `webhook-id`, `webhook-timestamp` (seconds)
 * and `webhook-signature` (`v1,` and base64 of HMAC-SHA-256 over `id.timestamp.body`). Redirects are not followed, no
 * proxy of the environment is used, and the body of the answer is not read.
 */
export function openWebhook(options: WebhookOptions): Webhook {
  const url = new URL(options.url);
  const lookup = pinnedLookup(options.allowPrivate);
  const httpAgent = new HttpAgent({ lookup, keepAlive: false });
  const httpsAgent = new HttpsAgent({ lookup, keepAlive: false, minVersion: 'TLSv1.2' });

  async function post(message: WebhookMessage, now: Date): Promise<AxiosResponse<Readable>> {
    checkHost(url, options.allowPrivate);
    const timestamp = Math.floor(now.getTime() / 1000);
    return await axios.post<Readable>(url.href, Buffer.from(message.body), {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        accept: '*/*',
        'user-agent': 'Rootdesk',
        'webhook-id': message.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': webhookSignature(options.secret, message.id, timestamp, message.body),
      },
      httpAgent,
      httpsAgent,
      proxy: false,
      maxRedirects: 0,
      maxBodyLength: BODY_BYTES,
      decompress: false,
      responseType: 'stream',
      validateStatus: () => true,
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    });
  }

  return {
    async send(message, now) {
      try {
        const response = await post(message, now);
        response.data.on('error', () => {});
        response.data.destroy();
        return judgeAnswer(response, now);
      } catch (error) {
        return { ok: false, failure: webhookFailure(error as AxiosError) };
      }
    },
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** The `v1` signature of Standard Webhooks. */
export function webhookSignature(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

function judgeAnswer(response: AxiosResponse<Readable>, now: Date): WebhookResult {
  const { status } = response;
  if (status >= 200 && status < 300) return { ok: true, status };
  const header = response.headers['retry-after'];
  const waitSeconds = retryAfterSeconds(typeof header === 'string' ? header : null, now.getTime());
  const kind = httpStatusClass(status);
  const isRedirect = status >= 300 && status < 400;
  return {
    ok: false,
    failure: {
      class: kind,
      code: `webhook.${status}`,
      text: isRedirect
        ? `The webhook answered ${status}; redirects are not followed.`
        : `The webhook answered ${status}.`,
      waitSeconds: kind === 'permanent' ? null : waitSeconds,
    },
  };
}

function webhookFailure(error: AxiosError): Failure {
  const cause = causeOf(error);
  if (cause instanceof RefusedAddress) {
    return { class: 'permanent', code: 'webhook.address', text: `The webhook was not called: ${cause.message}.` };
  }
  const code = cause.code ?? error.code ?? 'unknown';
  if (isCertificateCode(code)) {
    const text = `No trusted TLS connection to the webhook (${code}).`;
    return { class: 'temporary', code: 'webhook.tls', text, waitSeconds: MENDED_BY_A_PERSON };
  }
  if (code === 'ERR_FR_MAX_BODY_LENGTH_EXCEEDED' || code === 'ERR_BAD_REQUEST') {
    return { class: 'permanent', code: 'webhook.request', text: `The webhook cannot be called (${code}).` };
  }
  if (NOTHING_SENT.has(code)) {
    return { class: 'temporary', code: 'webhook.connection', text: `The webhook cannot be reached (${code}).` };
  }
  const what = code === 'ERR_CANCELED' ? 'it did not answer in time' : code;
  return { class: 'unclear', code: 'webhook.unclear', text: `Whether the webhook took it is not known: ${what}.` };
}

/** The innermost error that says something: axios wraps, and node gathers several tries to connect in one. */
function causeOf(error: Error & { code?: string; cause?: unknown; errors?: unknown[] }): Error & { code?: string } {
  const inner = error.cause ?? error.errors?.[0];
  return inner instanceof Error ? causeOf(inner) : error;
}
