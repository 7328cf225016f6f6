import type { Kysely } from 'kysely';
import type { OutboundMail } from '../connectors/outboundMail.ts';
import type { Clock } from '../lib/clock.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import { PROBE_FIELD, type ProbeMarks } from '../lib/probeMarks.ts';
import { noteHanded, noteSending, readProbe } from '../store/probes.ts';
import type { Tables } from '../store/schema.ts';
import type { Handler } from './handler.ts';

export type SendProbeDeps = {
  db: Kysely<Tables>;
  /** null: no outgoing server or no sender is set. */
  mail: OutboundMail | null;
  marks: NoticeMarks;
  probeMarks: ProbeMarks;
  clock: Clock;
};

/**
 * `probe.send`: hands a probe to the smarthost, and nowhere else: it must find its own way to us. Every try bears the time at
 * which it was written. A refusal is for the ticket about the path and needs nobody here; the next probe tries again.
 */
export function sendProbe({ db, mail, marks, probeMarks, clock }: SendProbeDeps): Handler {
  return {
    type: 'probe.send',
    async run(effect) {
      const { probeId } = effect.payload;
      const probe = Number.isSafeInteger(probeId) ? await readProbe(db, probeId as number) : null;
      if (probe === null || probe.state !== 'due') return NOT_NEEDED;
      if (mail === null) return NOT_NEEDED;
      const { id, address } = probe;
      const sentAt = new Date(Math.floor(clock.now().getTime() / 1000) * 1000);
      await noteSending(db, id, sentAt);
      const { failure } = await mail.send({
        to: [address],
        subject: `Rootdesk path probe ${id}`,
        text: TEXT,
        html: null,
        messageId: marks.effectMessageId(effect.key),
        loop: marks.loop,
        headers: { [PROBE_FIELD]: probeMarks.mark({ id, sentAt, address }) },
      });
      if (failure === null) {
        await noteHanded(db, id, { handedAt: clock.now(), code: 'probe.handed', text: 'Taken.' });
        return { ok: true, code: 'probe.handed', text: 'Handed to the outgoing mail server.' };
      }
      // Unclear: it may be on its way, and coming back shows it.
      await noteHanded(db, id, { handedAt: null, code: failure.code, text: failure.text });
      if (failure.class !== 'permanent') return { ok: false, failure };
      return {
        ok: true,
        code: failure.code,
        text: 'The outgoing mail server refused it; the path counts as not probed.',
      };
    },
    close: () => mail?.close(),
  };
}

const NOT_NEEDED = { ok: true as const, code: 'probe.not_needed', text: 'No longer needed; nothing was sent.' };

const TEXT = `A machine sent this mail to see whether mail reaches this address. It tells nothing and needs no answer.

If you can read this in a mailbox, mail for the address is being led past Rootdesk.
`;
