/** The time, as a value that can be passed in: rules never read a clock, roles read this one. */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };
