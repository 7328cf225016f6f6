import { expect, it } from 'vitest';
import { insist } from '../../src/lib/insist.ts';

it('tries again until it works', async () => {
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries < 3) throw new Error('the server is away');
    return tries;
  };
  expect(await insist(work, 30_000)).toBe(3);
});

it('gives up when its time is over, with what went wrong last', async () => {
  let tries = 0;
  const work = async () => {
    tries += 1;
    throw new Error(`try ${tries}`);
  };
  await expect(insist(work, 150)).rejects.toThrow(/^try [12]$/);
  expect(tries).toBeGreaterThan(0);
});
