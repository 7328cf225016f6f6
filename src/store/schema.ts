import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { ApprovalBasis } from '../core/approval.ts';
import type { WrapReason } from '../core/copyForm.ts';
import type { Links } from '../core/correlate.ts';
import type { Form } from '../core/deliveryAttempt.ts';
import type { Relation } from '../core/entry.ts';
import type { MemberSide, MemberState } from '../core/memberState.ts';
import type { ListChange, MemberChange } from '../core/membership.ts';
import type { PathState, ProbeState } from '../core/probe.ts';
import type {
  AuthResult,
  Deadline,
  Facts,
  HopVerdicts,
  Outcome,
  Reason,
  Review,
  SecretLevel,
  SenderVerdict,
  Transport,
  Urgency,
} from '../core/values.ts';

/** The tables as kysely sees them: one interface a table, names as in migrations/. bigint columns are numbers (see pool). */
type Time = ColumnType<Date, Date | string, Date | string>;
type NullableTime = ColumnType<Date | null, Date | string | null, Date | string | null>;
type Json<T> = ColumnType<T, string, string>;

export type InstanceTable = { name: string; value: Json<unknown>; changed_at: Generated<Time> };
export type CustomersTable = {
  id: Generated<number>;
  slug: string;
  name: string;
  language: Generated<string>;
  member_domains: Generated<string[]>;
  house: Generated<boolean>;
  created_at: Generated<Time>;
  updated_at: Generated<Time>;
};
export type AccountsTable = { account: string; customer_id: number; management: boolean };
export type ListsTable = {
  id: Generated<number>;
  customer_id: number;
  address: string;
  account: string | null;
  host: Generated<string>;
  state: Generated<'draft' | 'live' | 'released'>;
  created_at: Generated<Time>;
  released_at: NullableTime;
  next_probe_at: NullableTime;
  path_state: Generated<PathState>;
};
export type ProbesTable = {
  id: Generated<number>;
  list_id: number;
  state: Generated<ProbeState>;
  made_at: Time;
  sent_at: NullableTime;
  handed_at: NullableTime;
  arrived_at: NullableTime;
  transport: string | null;
  hops: number | null;
  told: 'late' | 'lost' | 'unsent' | null;
  code: string | null;
  text: string | null;
};
export type MembersTable = {
  id: Generated<number>;
  list_id: number;
  address: string;
  name: string | null;
  side: Generated<MemberSide>;
  state: Generated<MemberState>;
  confirmed_at: NullableTime;
  heartbeat_at: NullableTime;
  acknowledged_at: NullableTime;
  wrapped: Generated<boolean>;
  created_at: Generated<Time>;
  changed_at: Generated<Time>;
};
export type ProposalsTable = {
  id: Generated<number>;
  member_id: number;
  proposer: string;
  side: MemberSide;
  state: Generated<'open' | 'done' | 'closed' | 'expired'>;
  created_at: Time;
  expires_at: Time;
  closed_at: NullableTime;
};
export type ApprovalsTable = { proposal_id: number; address: string; basis: ApprovalBasis; at: Time };
export type LinkPurpose = 'approve' | 'confirm' | 'acknowledge' | 'manage';
export type LinksTable = {
  id: Generated<number>;
  purpose: LinkPurpose;
  member_id: number;
  proposal_id: number | null;
  address: string;
  created_at: Time;
  expires_at: Time;
  used_at: NullableTime;
};
export type MemberChangesTable = {
  id: Generated<number>;
  list_id: number;
  /** Null: it is about the list itself. */
  member_id: number | null;
  at: Time;
  actor: string;
  change: MemberChange | ListChange;
  /** What a mail server said (RFC 3463). */
  code: string | null;
};
export type MailsTable = {
  id: Generated<number>;
  customer_id: number | null;
  list_id: number | null;
  identity: Buffer;
  sha256: Buffer;
  size: number;
  message_id: string | null;
  received_at: Time;
  mail_time: Time;
  auth: Json<AuthResult>;
  auth_due: NullableTime;
  auth_attempts: Generated<number>;
  decide_due: NullableTime;
  decide_attempts: Generated<number>;
  decided_at: NullableTime;
  outcome: Outcome | null;
  kind: string | null;
  rule: string | null;
  lang: string | null;
  urgency: Urgency | null;
  action_required: boolean | null;
  deadline: Json<Deadline> | null;
  secret_level: SecretLevel | null;
  resolves: Generated<boolean>;
  list_copy_of: string[] | null;
  content_hash: Buffer | null;
  deduping_id: string | null;
  thread_key: string | null;
  ticket_subject: string | null;
  ticket_id: number | null;
  error: string | null;
  review: Review | null;
  reviewed_at: NullableTime;
  review_by: string | null;
  review_reason: string | null;
  history: 'open' | 'closed' | null;
};
export type RawsTable = { mail_id: number; kept_at: Time; bytes: Buffer; wrapped_key: Buffer; key_id: string };
export type ReadingsTable = {
  mail_id: number;
  customer_id: number | null;
  subject: string;
  sender: string | null;
  sender_name: string | null;
  recipients: Json<string[]>;
  text: string;
  headers: Json<{ name: string; value: string }[]>;
  attachments: Json<{ name: string; type: string; size: number }[]>;
  facts: Json<Facts>;
  secrets: Json<{ count: number; kinds: string[]; level: SecretLevel }>;
  sender_verdict: Json<SenderVerdict>;
  next_steps: Json<string[]>;
  ticket_body: Generated<string>;
  reasons: Json<Reason[]>;
  read_reasons: Generated<number>;
  links: Json<Links> | null;
  steps: Json<{ step: string; at: string }[]>;
};
export type ArrivalsTable = {
  id: Generated<number>;
  mail_id: number;
  list_id: number | null;
  transport: Transport;
  arrived_at: Time;
  envelope_from: string | null;
  envelope_to: string | null;
  client_ip: string | null;
  helo: string | null;
  tls: Generated<boolean>;
  trusted_authserv_ids: Json<string[]>;
  trusted_received: Generated<number>;
  source: string | null;
  uid_validity: number | null;
  uid: number | null;
  addressee_reason: Json<Reason>;
  verdicts: Json<HopVerdicts> | null;
};
export type SesQueuesTable = {
  name: string;
  state: Generated<string>;
  last_success_at: NullableTime;
  last_error: string | null;
  error_class: string | null;
  failures: Generated<number>;
  next_try_at: NullableTime;
  waiting: number | null;
  alerted_at: NullableTime;
  created_at: Time;
  changed_at: Time;
};
export type SesTroublesTable = {
  id: GeneratedAlways<number>;
  queue: string;
  message_id: string;
  object: string | null;
  class: string;
  error: string;
  attempts: number;
  first_at: Time;
  last_at: Time;
  next_try_at: Time;
  alerted_at: NullableTime;
};
export type DeliveryState = 'due' | 'leased' | 'accepted' | 'failed' | 'skipped';
export type DeliveriesTable = {
  id: Generated<number>;
  mail_id: number;
  member_id: number;
  priority: Generated<number>;
  state: Generated<DeliveryState>;
  form: Form | null;
  wrapped_for: WrapReason | null;
  due_at: Generated<Time>;
  attempts: Generated<number>;
  lease_until: NullableTime;
  lease_owner: string | null;
  code: string | null;
  text: string | null;
  accepted_at: NullableTime;
  alerted_at: NullableTime;
  created_at: Generated<Time>;
};
export type DeliveryEventsTable = {
  id: Generated<number>;
  delivery_id: number;
  at: Time;
  event: 'try' | 'failed' | 'delayed' | 'auto_reply' | 'other';
  code: string;
  text: string;
};
export type ReceiversTable = {
  id: string;
  host: string;
  pid: number;
  mailboxes: string[];
  started_at: Time;
  seen_at: Time;
};
export type MailboxesTable = {
  name: string;
  uid_validity: number | null;
  state: Generated<string>;
  last_success_at: NullableTime;
  last_error: string | null;
  changed_at: Generated<Time>;
  customer_id: number | null;
  created_at: Generated<Time>;
  began_at: NullableTime;
  error_class: string | null;
  failures: Generated<number>;
  next_try_at: NullableTime;
  paused_at: NullableTime;
  paused_mark: string | null;
  alerted_at: NullableTime;
  receiver: string | null;
  fence: Generated<number>;
};
/** modseq columns are text to us: 64 bits do not fit a number. */
export type MailboxEpochsTable = {
  mailbox: string;
  uid_validity: number;
  first_uid: Generated<number>;
  uid_next: Generated<number>;
  began_uid_next: number;
  server_uid_next: number;
  server_messages: Generated<number>;
  modseq: string | null;
  after_mode: Generated<string>;
  after_uid: Generated<number>;
  after_error: string | null;
  audit_at: NullableTime;
  audit_messages: Generated<number>;
  audit_fetched: Generated<number>;
  audit_missing: Generated<number>;
  audit_modseq: string | null;
  audit_uid_next: number | null;
  started_at: Time;
  ended_at: NullableTime;
};
export type MailboxSpansTable = {
  mailbox: string;
  uid_validity: number;
  first_uid: number;
  last_uid: number;
  why: 'before' | 'passed' | 'vanished' | 'report';
  found_at: Time;
};
export type MailboxEventsTable = {
  id: Generated<number>;
  mailbox: string;
  at: Time;
  event: string;
  detail: Json<Record<string, unknown>>;
};
export type BackfillsTable = {
  id: Generated<number>;
  mailbox: string;
  uid_validity: number;
  newest_first: boolean;
  below_uid: number;
  position: number | null;
  total: number;
  done: Generated<number>;
  kept: Generated<number>;
  too_large: Generated<number>;
  state: Generated<'running' | 'done' | 'stopped'>;
  owner: string;
  started_at: Time;
  changed_at: Time;
  finished_at: NullableTime;
};
export type TicketState = 'open' | 'waiting' | 'solved';
/** The list that a ticket stands in: its state, or `snoozed` while it is open or waiting and out of sight. */
/** The table knows one more, 'withdrawn', which is no list. */
export type TicketQueue = TicketState | 'snoozed';
export type TicketsTable = {
  id: Generated<number>;
  customer_id: number;
  kind: string;
  subject: string;
  urgency: Urgency;
  action_required: boolean;
  deadline: Json<Deadline> | null;
  act_at: Time;
  state: Generated<TicketState>;
  thread_key: string;
  mails: Generated<number>;
  secret_level: Generated<SecretLevel>;
  solved_at: NullableTime;
  created_at: Time;
  updated_at: Time;
  version: Generated<number>;
  snoozed_until: NullableTime;
  incident_id: number | null;
  merged_into: number | null;
  rank: GeneratedAlways<number>;
  withdrawn_at: NullableTime;
  queue: GeneratedAlways<TicketQueue>;
};
export type IncidentsTable = {
  id: Generated<number>;
  key: Buffer;
  kind: string;
  first_at: Time;
  last_at: Time;
  customers: Generated<number>;
};
export type TicketSearchTable = { ticket_id: number; mail_id: number; part: number; as_of: Time; text: string };
export type ThreadKeysTable = { customer_id: number; key: string; ticket_id: number };
export type TicketLinksTable = {
  ticket_id: number;
  other_id: number;
  customer_id: number;
  how: Relation;
  mail_id: number;
  linked_at: Time;
};
export type EntriesTable = {
  id: Generated<number>;
  ticket_id: number;
  customer_id: number;
  mail_id: number | null;
  type: 'mail' | 'change' | 'note' | 'related' | 'moved' | 'scrubbed' | 'merged';
  at: Time;
  actor: string;
  body: JSONColumnType<Record<string, unknown>>;
  created_at: Generated<Time>;
};
export type EffectState = 'due' | 'leased' | 'done' | 'parked';
export type EffectAttempt = { at: string; ok: boolean; code: string; text: string; unclear: boolean };
export type EffectsTable = {
  id: Generated<number>;
  type: string;
  key: string;
  customer_id: number | null;
  ticket_id: number | null;
  mail_id: number | null;
  order_key: string;
  payload: JSONColumnType<Record<string, unknown>>;
  state: Generated<EffectState>;
  due_at: Time;
  lease_until: NullableTime;
  lease_owner: string | null;
  attempts: ColumnType<EffectAttempt[], string | undefined, string>;
  attempt_count: Generated<number>;
  result: Json<unknown> | null;
  created_at: Generated<Time>;
  settled_at: NullableTime;
};
export type ActType =
  | 'ticket.state'
  | 'ticket.snoozed'
  | 'tickets.changed'
  | 'ticket.merged'
  | 'mail.rejected'
  | 'mail.released'
  | 'mail.confirmed'
  | 'mail.retried'
  | 'effect.retried';
export type ActsTable = {
  id: Generated<number>;
  type: ActType;
  customer_id: number | null;
  ticket_id: number | null;
  mail_id: number | null;
  at: Time;
  actor: string;
  detail: JSONColumnType<Record<string, unknown>>;
  undo_until: NullableTime;
  undone_at: NullableTime;
};
export type AuditTable = {
  customer_id: number;
  number: number;
  at: Time;
  bytes: Buffer;
  previous: Buffer;
  hash: Buffer;
};
export type ReplaysTable = {
  id: Generated<number>;
  filter: Json<unknown>;
  rules: Buffer;
  dry: boolean;
  total: Generated<number>;
  position: Generated<number>;
  report: ColumnType<Record<string, number>, string | undefined, string>;
  started_at: Time;
  finished_at: NullableTime;
};
export type ReplayMailsTable = {
  replay_id: number;
  position: number;
  mail_id: number;
  ticket_id: number | null;
  customer_id: number | null;
  size: number;
};
export type CountersTable = { name: string; slot: Generated<number>; value: Generated<number> };

export type Tables = {
  instance: InstanceTable;
  customers: CustomersTable;
  accounts: AccountsTable;
  lists: ListsTable;
  probes: ProbesTable;
  members: MembersTable;
  proposals: ProposalsTable;
  approvals: ApprovalsTable;
  links: LinksTable;
  member_changes: MemberChangesTable;
  mails: MailsTable;
  raws: RawsTable;
  readings: ReadingsTable;
  arrivals: ArrivalsTable;
  deliveries: DeliveriesTable;
  delivery_events: DeliveryEventsTable;
  receivers: ReceiversTable;
  mailboxes: MailboxesTable;
  mailbox_epochs: MailboxEpochsTable;
  mailbox_spans: MailboxSpansTable;
  mailbox_events: MailboxEventsTable;
  backfills: BackfillsTable;
  ses_queues: SesQueuesTable;
  ses_troubles: SesTroublesTable;
  incidents: IncidentsTable;
  tickets: TicketsTable;
  ticket_search: TicketSearchTable;
  thread_keys: ThreadKeysTable;
  thread_mentions: ThreadKeysTable;
  ticket_links: TicketLinksTable;
  entries: EntriesTable;
  effects: EffectsTable;
  acts: ActsTable;
  audit: AuditTable;
  replays: ReplaysTable;
  replay_mails: ReplayMailsTable;
  counters: CountersTable;
};
