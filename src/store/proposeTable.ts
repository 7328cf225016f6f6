import { memberName } from '../core/memberName.ts';
import type { TableLine, TableProblem } from '../lib/memberTable.ts';
import { type MembershipDeps, type MembershipResult, type Operator, proposeMembers } from './membership.ts';

/** What becomes of one line of a table, once for each list that it is for. */
export type LineVerdict = {
  line: number;
  address: string;
  /** The root address; null: the line is for none. */
  list: string | null;
  result: MembershipResult | { ok: false; code: TableProblem | 'bad_name' };
};

/**
 * Proposes every line of a table in one transaction: all or none, with a verdict a line. `dryRun`: none in any case. Every
 * addition still takes its second person and its member's own confirmation.
 */
export async function proposeTable(
  deps: MembershipDeps,
  what: { lines: readonly TableLine[]; by: Operator; dryRun: boolean },
): Promise<{ applied: boolean; isSound: boolean; verdicts: LineVerdict[] }> {
  const { by } = what;
  const lines = what.lines.map(({ name: written, problem, ...line }) => {
    const name = written === '' ? null : memberName(written);
    return { ...line, name, problem: problem ?? (written !== '' && name === null ? ('bad_name' as const) : null) };
  });
  const hasProblem = lines.some(({ problem }) => problem !== null);
  const additions = lines.flatMap(({ address, name, lists, problem }) =>
    problem === null ? lists.map(({ listId }) => ({ listId, address, name })) : [],
  );
  const { applied, results } = await proposeMembers(deps, { additions, by, dryRun: what.dryRun || hasProblem });
  const left = results[Symbol.iterator]();
  const verdicts = lines.flatMap(({ line, address, lists, problem }): LineVerdict[] =>
    problem === null
      ? lists.map((list) => ({ line, address, list: list.address, result: left.next().value as MembershipResult }))
      : [{ line, address, list: null, result: { ok: false, code: problem } }],
  );
  const isSound = verdicts.every(({ result }) => result.ok || result.code === 'already_member');
  return { applied, isSound, verdicts };
}
