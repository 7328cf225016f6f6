import type { FastifyReply } from 'fastify';
import type { MembershipResult } from '../store/membership.ts';
import { Conflict } from './errors.ts';
import type { Texts } from './words/texts.ts';

/** How acts on lists and members answer: with the page of the list and one sentence. */

export const SAID = [
  'proposed',
  'third',
  'nobody',
  'invited',
  'again',
  'removed',
  'suspended',
  'imported',
  'issued',
  'released',
  'erased',
  'probed',
  'probing',
] as const;
export type Said = (typeof SAID)[number];

export function saying(listId: number, said: Said): string {
  return `/lists/${listId}?said=${said}`;
}

export function afterProposal(
  reply: FastifyReply,
  t: Texts,
  listId: number,
  address: string,
  result: MembershipResult,
) {
  if (!result.ok) throw refusal(t, listId, address, result.code);
  const { change, missing, asked } = result;
  const isMissing = missing === null ? 'invited' : asked === 0 ? 'nobody' : missing === 'third' ? 'third' : 'proposed';
  const isAgain = change === null && asked + Number(missing === null) > 0;
  return reply.redirect(saying(listId, isAgain ? 'again' : isMissing), 303);
}

type Refusal = Extract<MembershipResult, { ok: false }>['code'];

export function refusal(t: Texts, listId: number, address: string, code: Refusal): Conflict {
  return new Conflict(`${address}: ${t.lists.refusals[code]}`, `/lists/${listId}`, t.lists.back);
}
