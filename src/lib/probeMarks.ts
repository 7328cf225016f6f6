import { createHmac, timingSafeEqual } from 'node:crypto';

/** Field of a probe that says which one it is; keyed, so that nobody else can make one. */
export const PROBE_FIELD = 'X-Rootdesk-Probe';

export type ProbeMarks = {
  /** `<probe>.<seconds>.<32 hex>`: HMAC-SHA-256 (128 bits) over number, time of sending and root address. */
  mark(probe: ProbeFacts): string;
  /** Number and time in a mark, whether or not the rest is right; null when it is no mark. */
  read(mark: string): { id: number; sentAt: Date } | null;
  /** Whether the mark was made here for exactly this. */
  proves(mark: string, probe: ProbeFacts): boolean;
};

/** `sentAt` counts to the second. */
export type ProbeFacts = { id: number; sentAt: Date; address: string };

const FORM = /^([1-9]\d{0,14})\.(\d{9,11})\.([0-9a-f]{32})$/;

/** `key`: of this installation, for this purpose alone. */
export function createProbeMarks(key: Buffer): ProbeMarks {
  const secondsOf = (at: Date) => Math.floor(at.getTime() / 1000);
  const mac = ({ id, sentAt, address }: ProbeFacts) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['probe', id, secondsOf(sentAt), address.toLowerCase()]))
      .digest('hex')
      .slice(0, 32);
  return {
    mark: (probe) => `${probe.id}.${secondsOf(probe.sentAt)}.${mac(probe)}`,
    read(mark) {
      const found = FORM.exec(mark.trim());
      return found && { id: Number(found[1]), sentAt: new Date(Number(found[2]) * 1000) };
    },
    proves(mark, probe) {
      const found = FORM.exec(mark.trim());
      if (!found || Number(found[1]) !== probe.id || Number(found[2]) !== secondsOf(probe.sentAt)) return false;
      return timingSafeEqual(Buffer.from(found[3]!), Buffer.from(mac(probe)));
    },
  };
}
