import type { Budget } from './budget.ts';

export type Refusal = 'too_large' | 'no_room';

/**
 * Collects the bytes of one mail while they come in. They are copied into one growing block: a client that sends single
 * bytes would else cost a hundred times what is counted. What the block holds is taken from the budget.
 */
export type MailBuffer = {
  /** Adds bytes; null, or why the mail cannot be taken. After a refusal nothing is held and nothing is added. */
  add(chunk: Buffer): Refusal | null;
  /** The mail. Valid until `free`. */
  bytes(): Buffer;
  /** Gives the memory back. Safe to call twice. */
  free(): void;
};

const FIRST_BLOCK = 64 * 1024;

/** `limit`: largest mail in bytes. */
export function createMailBuffer(budget: Budget, limit: number): MailBuffer {
  let block = Buffer.allocUnsafeSlow(0);
  let length = 0;
  let refusal: Refusal | null = null;

  // Moved to a block of nothing, the bytes go back at once. The collector, which sees little need, keeps hundreds of mails.
  const drop = () => void block.buffer.transfer(0);
  const free = () => {
    budget.give(block.length);
    drop();
    block = Buffer.allocUnsafeSlow(0);
    length = 0;
  };
  const grow = (needed: number): boolean => {
    // Twice as much, so that a large mail is not copied for every chunk; just enough when memory is short.
    for (const wanted of [Math.max(FIRST_BLOCK, block.length * 2, needed), needed + FIRST_BLOCK, needed]) {
      const size = Math.min(limit, wanted);
      if (!budget.tryTake(size - block.length)) continue;
      const larger = Buffer.allocUnsafeSlow(size);
      block.copy(larger, 0, 0, length);
      drop();
      block = larger;
      return true;
    }
    return false;
  };

  return {
    add(chunk) {
      if (refusal) return refusal;
      const needed = length + chunk.length;
      if (needed > limit) refusal = 'too_large';
      else if (needed > block.length && !grow(needed)) refusal = 'no_room';
      if (refusal) {
        free();
        return refusal;
      }
      length += chunk.copy(block, length);
      return null;
    },
    bytes: () => block.subarray(0, length),
    free,
  };
}
