/** Probes of the way to root addresses. Pure. */

/** due: to be handed over; unsent: the smarthost never took it. */
export type ProbeState = 'due' | 'sent' | 'arrived' | 'lost' | 'unsent';

/** What the probes say of the way to an address. unknown: none came or failed yet. */
export type PathState = 'unknown' | 'heard' | 'late' | 'lost' | 'unsent';

/** What people are told of a probe that is overdue. */
export type Overdue = 'late' | 'lost' | 'unsent';

export type ProbeTimes = { lateMs: number; lostMs: number };

/** From the settings. */
export function probeTimes({ lateMinutes, lostMinutes }: { lateMinutes: number; lostMinutes: number }): ProbeTimes {
  return { lateMs: lateMinutes * 60_000, lostMs: lostMinutes * 60_000 };
}

/**
 * What an open probe is by now, null: still in time. `watchedSince`: since when arrivals are looked for without a break. A
 * Rootdesk that stood still blames nobody for what could not come in meanwhile.
 */
export function judgeProbe(
  probe: { state: 'due' | 'sent'; madeAt: Date; handedAt: Date | null },
  watch: { now: Date; watchedSince: Date },
  { lateMs, lostMs }: ProbeTimes,
): Overdue | null {
  const from = Math.max((probe.handedAt ?? probe.madeAt).getTime(), watch.watchedSince.getTime());
  const waited = watch.now.getTime() - from;
  if (probe.state === 'due') return waited > lateMs ? 'unsent' : null;
  if (waited > lostMs) return 'lost';
  return waited > lateMs ? 'late' : null;
}

/** Whether what people should know of a path changed for the worse, or is new. */
export function isWorse(found: Overdue, known: PathState): boolean {
  return RISING.indexOf(found) > RISING.indexOf(known);
}

const RISING: readonly PathState[] = ['unknown', 'heard', 'unsent', 'late', 'lost'];

/** `3 s`, `14 min`, `5 h`: rounded down, at least `0 s`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

export type ProbeNotice = {
  what: 'silent' | 'again';
  /** Masked. */
  address: string;
  account: string | null;
  /** When the probe was sent. */
  sentAt: Date;
  language: string;
};

/** What the customer's people are told, in their language, else in English. */
export function probeNoticeText(notice: ProbeNotice): { subject: string; text: string } {
  const { what, address, account } = notice;
  const at = `${notice.sentAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (notice.language.toLowerCase().startsWith('ja')) {
    const whose = account === null ? address : `${address} (AWS アカウント ${account})`;
    return what === 'silent'
      ? {
          subject: 'ルートアドレスにメールが届いていない可能性があります',
          text: `${at} に ${whose} へ送った確認メールが、時間内に届きませんでした。\n\n届くようになるまで、AWS からこのアドレスへのメールも届いていない可能性があります。担当者が調査しています。急ぎの内容は AWS のコンソールで直接ご確認ください。\n\n届くようになりましたら、あらためてお知らせします。\n`,
        }
      : {
          subject: 'ルートアドレスにメールが再び届いています',
          text: `${at} に ${whose} へ送った確認メールが届きました。\n\nその間に AWS から送られたメールは、送信側のサーバーが再送するため、遅れて届くことがあります。\n`,
        };
  }
  const whose = account === null ? address : `${address} (AWS account ${account})`;
  return what === 'silent'
    ? {
        subject: 'Mail may not be reaching your AWS root address',
        text: `A check mail that we sent to ${whose} at ${at} did not arrive in time.\n\nUntil it does, mail that AWS sends to this address may not arrive either. We are looking into it. For what is urgent, look into the AWS console.\n\nWe will write again when mail arrives.\n`,
      }
    : {
        subject: 'Mail reaches your AWS root address again',
        text: `The check mail that we sent to ${whose} at ${at} has arrived.\n\nMail that AWS sent meanwhile may still come, late: sending servers try again.\n`,
      };
}

/** Whether probes are sent at all: they go by the outgoing server alone. */
export function isProbing({
  probes,
  outgoing,
}: {
  probes: { everyMinutes: number };
  outgoing: { host: string | null };
}): boolean {
  return probes.everyMinutes > 0 && outgoing.host !== null;
}
