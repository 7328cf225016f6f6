import { z } from 'zod';
import { foldPhrase } from './foldText.ts';
import { SIGNALS } from './signals.ts';
import { URGENCIES } from './values.ts';

/** The form of a kind file (config/kinds/*.yaml) and of its ticket wording (templates/ticket/*.yaml). */

const phrase = z
  .string()
  .refine((text) => Buffer.byteLength(foldPhrase(text).trim()) >= 2, 'one letter is no phrase')
  .refine((text) => text.length <= 200, 'a phrase has at most 200 characters');
const phrases = z.array(phrase).min(1);
const address = z.string().regex(/^[^\s@A-Z]+@[^\s@A-Z]+\.[^\s@A-Z]+$/, 'an address in lower case');
const urgency = z.enum(URGENCIES as [string, ...string[]] as ['none', 'low', 'normal', 'high', 'critical']);

/** Places of a mail where phrases are looked for. */
export const PLACES = ['subject', 'body', 'text', 'link', 'attachment', 'name', 'from', 'type'] as const;
export type Place = (typeof PLACES)[number];

const places = {
  subject: phrases.optional().describe('Literal phrases in the subject, prefixes taken off.'),
  body: phrases.optional().describe('Literal phrases in the text of the mail.'),
  text: phrases.optional().describe('Literal phrases in subject or text.'),
  link: phrases.optional().describe('Literal phrases in the addresses of links.'),
  attachment: phrases.optional().describe('Literal phrases in names of attachments.'),
  name: phrases.optional().describe('Literal phrases in the display name of the sender.'),
  from: phrases.optional().describe('Literal phrases in the address of the sender.'),
  type: phrases.optional().describe('Media types of parts.'),
  header: z
    .record(z.string().regex(/^[a-z0-9-]+$/), phrases)
    .optional()
    .describe('Field name to literal phrases.'),
  signal: z.array(z.enum(SIGNALS)).min(1).optional().describe('What the build of the mail says (core/signals.ts).'),
};
const condition = z
  .strictObject(places)
  .refine((mark) => Object.values(mark).some((value) => value !== undefined), 'names no place');
const mark = z
  .strictObject({ ...places, points: z.number().int().min(1).max(20).optional() })
  .refine(
    (one) => Object.entries(one).some(([key, value]) => key !== 'points' && value !== undefined),
    'names no place',
  );

/** Typed scanners that a kind file may use for a capture. */
export const CAPTURES = ['amount', 'period', 'domain', 'text', 'topicArn', 'certificate', 'eventType'] as const;
/** Facts that a capture fills; all other facts are looked for in every mail. */
export const CAPTURED_FACTS = [
  'amount',
  'billingPeriod',
  'domain',
  'budget',
  'topicArn',
  'accountName',
  'service',
] as const;

const capture = z.strictObject({
  fact: z.enum(CAPTURED_FACTS),
  scan: z.enum(CAPTURES),
  in: z
    .array(z.enum(['subject', 'body', 'link']))
    .min(1)
    .default(['subject', 'body']),
  after: phrases.optional().describe('The value stands behind one of these, in their order of preference.'),
  before: phrases.optional().describe('`text` only: the value ends where one of these begins.'),
});

/** Parts of a thread key (core/threadKeys.ts). */
export const KEY_PARTS = [
  'case',
  'abuse',
  'event',
  'invoice',
  'period',
  // Of mail that names no period: the one before `period`.
  'periodBefore',
  'account',
  'address',
  'domain',
  'certificate',
  'topic',
  'budget',
  'month',
  'day',
  'halfHour',
  'fullDay',
  'fortnight',
  'region',
  'organization',
  'instances',
  'resources',
  'window',
  'tail',
  'kind',
  'conversation',
] as const;

const key = z.strictObject({
  as: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .describe('Name in front of the key; kinds that share it share tickets.'),
  of: z.array(z.enum(KEY_PARTS)).min(1),
  when: condition.optional().describe('The key counts only when this holds.'),
});

export const kindSchema = z.strictObject({
  kind: z.string().regex(/^[a-z_]+(\.[a-z0-9_]+)?$/),
  about: z.string().min(10).describe('What this mail is, for people who edit the file.'),
  classes: z
    .array(z.enum(['aws', 'aws_person', 'pretends', 'other']))
    .min(1)
    .default(['aws'])
    .describe('What the sender was proven to be. `unverifiable` mail is read as `aws`.'),
  senders: z
    .array(z.union([address, z.strictObject({ address, points: z.number().int().min(1).max(20) })]))
    .default([])
    .describe('Exact senders; each counts 3 points, or its own.'),
  needs: z.number().int().min(1).max(40).default(6).describe('Points that make a mail this kind.'),
  marks: z.array(mark).default([]),
  must: z.array(condition).default([]).describe('Each of these has to be there.'),
  never: z.array(condition).default([]).describe('None of these may be there.'),
  fallback: z.boolean().default(false).describe('Taken when no other kind of its classes has its points.'),
  captures: z.array(capture).default([]),
  urgency,
  urgencyWhen: z
    .array(z.strictObject({ ...places, daysLeft: z.number().min(0).max(400).optional(), to: urgency }))
    .default([])
    .describe('First line that holds sets the urgency. daysLeft: the deadline is that near, counted from the mail.'),
  actionRequired: z.boolean(),
  actionWhen: condition.optional().describe('Action is required when this holds.'),
  noActionWhen: condition.optional().describe('No action is required when this holds; wins over actionWhen.'),
  deadline: z
    .enum(['respond', 'awsActs', 'any', 'none'])
    .default('any')
    .describe('Sort of deadline that is preferred.'),
  threadKey: z.array(key).min(1).describe('The first of these whose parts are all known names the ticket.'),
  aliases: z
    .array(key)
    .default([])
    .describe('Further keys of its matter: they lead to a ticket where none has the first key.'),
  secret: z
    .enum(['none', 'masked', 'sealed'])
    .default('masked')
    .describe('sealed: the mail stays closed. none: lowers what its listed senders would seal. masked: tokens hidden.'),
  resolves: z.union([z.boolean(), condition]).default(false),
  sameEvent: z
    .boolean()
    .default(false)
    .describe('AWS writes the same to many customers: equal words within two weeks are one incident for the team.'),
  disposition: z.enum(['ticket', 'drop', 'quarantine']).default('ticket'),
  rule: z
    .string()
    .regex(/^[a-z0-9_.]+$/)
    .optional()
    .describe('Name of the rule that drops or quarantines it.'),
  examples: z
    .array(
      z.strictObject({
        from: z.string(),
        subject: z.string(),
        text: z.string(),
        headers: z.record(z.string(), z.string()).optional(),
        unproven: z.boolean().optional().describe('Nobody signed it. Default: the domain of From did.'),
      }),
    )
    .min(1)
    .describe('Mails that must be understood as this kind: tests read them.'),
});

const wordingOf = z.strictObject({
  subject: z.string().min(1).max(200),
  body: z.string().min(1),
  next: z.array(z.string().min(1)).max(8),
  sealed: z.string().optional(),
});
export const wordingSchema = z.strictObject({ en: wordingOf, ja: wordingOf });

export type KindFile = z.infer<typeof kindSchema>;
export type Condition = z.infer<typeof condition>;
export type Wording = z.infer<typeof wordingOf>;
export type Wordings = z.infer<typeof wordingSchema>;
