import type { ProbeRoom } from './probes.ts';
import type { ReturnedRoom } from './returned.ts';

/** The door for mail that we sent and that came back: probes, and what is said of copies. Neither is mail of a customer. */
export function createOwnMailRoom(probes: ProbeRoom, returned: ReturnedRoom | null): ReturnedRoom {
  return {
    verp: returned?.verp ?? null,
    async take(raw, arrival) {
      if (await probes.take(raw, arrival)) return null;
      return returned === null ? arrival : returned.take(raw, arrival);
    },
  };
}
