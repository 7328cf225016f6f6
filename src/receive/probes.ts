import type { Pool } from 'pg';
import { addresseeCandidates } from '../core/addressee.ts';
import { fieldsNamed, readFields } from '../core/fields.ts';
import type { ProbeTimes } from '../core/probe.ts';
import type { Arrival } from '../core/values.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { PROBE_FIELD, type ProbeMarks } from '../lib/probeMarks.ts';
import { readSentProbe, recordProbeArrival } from '../store/probeArrival.ts';
import { MAX_LOOKUPS } from './addressees.ts';

/** The door for probes of the way to root addresses, by whichever way mail comes in. */
export type ProbeRoom = {
  /** Takes a probe of ours; committed when it resolves. False: the mail is no probe, or only pretends. */
  take(raw: Buffer, arrival: Arrival): Promise<boolean>;
};

export type ProbeRoomDeps = {
  pool: Pool;
  marks: ProbeMarks;
  times: ProbeTimes;
  /** Wakes whoever tells people. */
  ring: () => void;
  clock: Clock;
  log: Log;
};

/** Where a header field can stand (bytes): mail servers put theirs on top. */
const HEAD_BYTES = 128 * 1024;

/**
 * Whatever bears a mark that we made is a probe, first come or not: it goes no further, to no member and no ticket. It proves the
 * path only once, before it was given up, at the address that it was sent to, and when a mail server wrote a Received
 * field: one handed straight to our listener has gone no way at all.
 */
export function createProbeRoom({ pool, marks, times, ring, clock, log }: ProbeRoomDeps): ProbeRoom {
  return {
    async take(raw, arrival) {
      const head = raw.subarray(0, HEAD_BYTES);
      // Nearly no mail is one: asked before the header is read.
      if (!head.includes(PROBE_FIELD)) return false;
      const fields = readFields(head);
      const [field, second] = fieldsNamed(fields, PROBE_FIELD.toLowerCase());
      const read = field && !second ? marks.read(field.value) : null;
      if (!field || read === null) return false;
      const sent = await readSentProbe(pool, read.id);
      if (sent === null || !marks.proves(field.value, { ...sent, sentAt: read.sentAt })) {
        log.warn({ probe: read.id }, 'a mail pretends to be a probe and is treated as any other');
        return false;
      }
      const hops = fieldsNamed(fields, 'received').length;
      if (hops === 0 || !isFor(sent.address)) {
        const why = hops === 0 ? 'it was handed straight to us' : 'it came to another address';
        log.warn({ probe: read.id, why }, 'a probe proves nothing');
        return true;
      }
      const at = clock.now();
      const arrived = {
        probeId: read.id,
        sentAt: read.sentAt,
        at,
        transport: arrival.transport,
        hops: Math.min(hops, 999),
      };
      const { verdict, told, listId } = await recordProbeArrival(pool, arrived, times);
      log.info({ probe: read.id, list: listId, verdict }, 'a probe came back');
      if (told) ring();
      return true;

      function isFor(address: string): boolean {
        if (arrival.envelopeTo.length > 0) return arrival.envelopeTo.some((one) => one.toLowerCase() === address);
        return addresseeCandidates(fields, arrival)
          .slice(0, MAX_LOOKUPS)
          .some((candidate) => candidate.address === address);
      }
    },
  };
}
