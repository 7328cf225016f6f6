import { maskAddress } from '../core/maskAddress.ts';
import type { ListChange, MemberChange } from '../core/membership.ts';
import type { LinkSubject } from '../store/readLink.ts';

/** Everything that a template of a mail to members and approvers sees. No token but the link, no text of a mail. */
export type MemberView = {
  list: {
    customer: string;
    /** Account id, or empty. */
    account: string;
    /** The root address, its unguessable part hidden. */
    address: string;
  };
  member: { address: string; side: string };
  /** User who proposed, or empty. */
  proposer: string;
  /** `member.confirmed` …, `list.released`, or empty. */
  change: MemberChange | ListChange | '';
  /** Who did it, or empty when nobody knows. */
  actor: string;
  /** `2026-11-24 10:00 UTC`, or empty. */
  at: string;
  /** Whether the reader is the member that it is about. */
  isYou: boolean;
  /** Whether the reader gets mail of the list. */
  isMember: boolean;
  /** The page that the mail is about, or empty. */
  link: string;
  /** Until when the link works, `2026-11-24 10:00 UTC`, or empty. */
  until: string;
};

export function memberView(subject: LinkSubject, more: Partial<Omit<MemberView, 'list' | 'member'>>): MemberView {
  return {
    list: {
      customer: oneLine(subject.customer),
      account: subject.account ?? '',
      address: maskAddress(subject.list),
    },
    member: { address: oneLine(subject.member), side: subject.side },
    proposer: '',
    change: '',
    actor: '',
    at: '',
    isYou: false,
    isMember: false,
    link: '',
    until: '',
    ...more,
  };
}

/** `2026-11-24 10:00 UTC`. */
export function minuteOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Names come from the customers file, which allows no controls; a value still makes no second line. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

export const MEMBER_SAMPLE: MemberView = {
  list: { customer: 'Sample & Co', account: '000000000000', address: 'sample-••••@roots.example' },
  member: { address: 'sample@customer.example', side: 'customer' },
  proposer: 'sample',
  change: 'member.confirmed',
  actor: 'other@customer.example',
  at: '2030-01-31 09:00 UTC',
  isYou: false,
  isMember: true,
  link: 'https://lists.example/confirm/1-sample',
  until: '2030-02-07 09:00 UTC',
};
