import { z } from 'zod';

/** Who AWS is, as data (config/senders.yaml): senders change, code does not. */

const domainName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    'a domain name in lower case, ASCII form',
  );
const address = z.string().regex(/^[^\s@A-Z]+@[a-z0-9.-]+$/, 'an address in lower case');

const awsDomain = z.strictObject({
  domain: domainName.describe('Domain that AWS sends from.'),
  subdomains: z.boolean().default(false).describe('True: every name below it is AWS too. False: exactly this name.'),
  mixed: z
    .boolean()
    .default(false)
    .describe(
      'True: people, shop and seller support send from it as well, so an unlisted address is not AWS by itself.',
    ),
  secret: z
    .boolean()
    .default(false)
    .describe('True: mail from it carries codes or links whose possession acts; sealed until a kind says otherwise.'),
});

const listedSender = z.strictObject({
  address: address.describe('Exact From address of AWS system mail.'),
  kinds: z.array(z.string()).default([]).describe('Kinds that this sender is known for: a hint, no rule.'),
  secret: z.boolean().default(false).describe('True: mail from this address is sealed until a kind says otherwise.'),
});

export const senderRulesSchema = z.strictObject({
  domains: z.array(awsDomain).min(1).describe('Domains whose aligned DKIM signature proves AWS.'),
  exceptions: z
    .array(domainName)
    .default([])
    .describe(
      'Domains that belong to AWS customers, with all names below: amazonses.com, compute.amazonaws.com, awsapps.com.',
    ),
  senders: z.array(listedSender).default([]).describe('Listed AWS addresses.'),
  notAws: z
    .array(address)
    .default([])
    .describe('Addresses in mixed domains that are Amazon but not AWS (shop, seller support).'),
});

export type SenderRules = z.infer<typeof senderRulesSchema>;
