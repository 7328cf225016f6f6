import { z } from 'zod';
import { canonicalAddress, canonicalDomain } from './mailAddress.ts';
import { LONGEST_NAME, memberName } from './memberName.ts';
import { MOST_MEMBERS } from './memberState.ts';

/**
 * The customers file: who the customers are, which AWS accounts are theirs, at which root addresses their mail arrives,
 * and who is on their lists. Its rules need no database: explain reads the same file.
 */

/** Where in the file: `customers[0].rootAddresses[1]`. */
export type FileProblem = { path: string; keys: (string | number)[]; message: string };

export type CustomerEntry = {
  slug: string;
  name: string;
  language: string;
  managementAccounts: string[];
  /** The file names its one account in `managementAccount`: for the paths of problems. */
  single?: true;
  memberAccounts: string[];
  /** Lower case. */
  rootAddresses: { address: string; account: string | null }[];
  /** Addresses in lower case; a name is for people only. */
  members: { address: string; name: string | null }[];
  /** Domains whose addresses may be members; undefined: the file does not say, what is known stays. */
  memberDomains?: string[] | undefined;
};
export type CustomersFile = { customers: CustomerEntry[] };

/** Text that ends up on pages, in mails and in exported tables: no control characters, no spreadsheet formula. */
const plain = z
  .string()
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text), 'must hold no control or invisible characters')
  .refine((text) => !/^\s*[=+\-@|＝＋－＠]/u.test(text), 'must not begin with = + - @ or |: spreadsheets run that');

const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, and begin with a letter or digit');

const name = plain.pipe(z.string().trim().min(1, 'must not be empty').max(200, 'must be at most 200 characters'));

const language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as en or ja');

/** YAML reads an unquoted account as a number, which loses leading zeros: then it has too few digits. */
const account = z
  .union([z.string(), z.number()], 'must be an AWS account id in quotes')
  .transform((value) =>
    typeof value === 'number' ? String(value) : value.replace(/^(\d{4})-(\d{4})-(\d{4})$/, '$1$2$3'),
  )
  .pipe(z.string().regex(/^\d{12}$/, 'must be an AWS account id of 12 digits (in quotes: leading zeros count)'));

const address = plain
  .transform((text) => canonicalAddress(text) ?? '')
  .refine((found) => found !== '', 'must be a mail address such as acme-7f3k@roots.example');

const domain = plain
  .transform((text) => canonicalDomain(text.trim()) ?? '')
  .refine((found) => found !== '', 'must be a domain such as customer.example');

const rootAddress = z.union(
  [
    address.transform((found) => ({ address: found, account: null as string | null })),
    z.strictObject({ address, account: account.nullable().default(null) }),
  ],
  'must be a mail address, or an address with an account',
);

const personName = z
  .string()
  .transform((text) => memberName(text) ?? '')
  .refine((found) => found !== '', `must be a name of one line, at most ${LONGEST_NAME} characters`);

const member = z.union(
  [
    address.transform((found) => ({ address: found, name: null as string | null })),
    z.strictObject({ address, name: personName.nullable().default(null) }),
  ],
  'must be a mail address, or an address with a name',
);

const customer = z
  .strictObject({
    slug,
    name,
    language: language.default('en'),
    managementAccount: account.optional(),
    managementAccounts: z.array(account).optional(),
    memberAccounts: z.array(account).default([]),
    rootAddresses: z.array(rootAddress).default([]),
    members: z.array(member).max(MOST_MEMBERS, `must be at most ${MOST_MEMBERS} members`).default([]),
    memberDomains: z.array(domain).optional(),
  })
  .refine((entry) => entry.managementAccount === undefined || entry.managementAccounts === undefined, {
    message: 'managementAccount and managementAccounts must not both be there',
    path: ['managementAccounts'],
  })
  .transform(
    ({ managementAccount, managementAccounts, ...entry }): CustomerEntry => ({
      ...entry,
      managementAccounts: managementAccounts ?? (managementAccount === undefined ? [] : [managementAccount]),
      ...(managementAccount === undefined ? {} : { single: true }),
    }),
  );

const file = z.strictObject({ customers: z.array(customer) });

/**
 * Reads the data of a customers file (parsed YAML or JSON). `file` is null when there is any problem: a file is taken
 * whole or not at all.
 */
export function parseCustomersFile(data: unknown): { file: CustomersFile | null; problems: FileProblem[] } {
  const result = file.safeParse(data);
  if (!result.success) return { file: null, problems: result.error.issues.flatMap(problemsOf) };
  const problems = contradictions(result.data);
  return { file: problems.length === 0 ? result.data : null, problems };
}

export function problemAt(keys: (string | number)[], message: string): FileProblem {
  return { path: pathText(keys), keys, message };
}

/** Where an entry names its n-th management account. */
export function managementKeys(entry: CustomerEntry, n: number): (string | number)[] {
  return entry.single ? ['managementAccount'] : ['managementAccounts', n];
}

/** `customers[0].members[2]`. */
function pathText(keys: readonly (string | number)[]): string {
  const text = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}

/** Of a union the branch that fits the value's type says what is wrong. */
function problemsOf(issue: z.core.$ZodIssue): FileProblem[] {
  const keys = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.find(
      (issues) => !issues.some(({ code, path }) => code === 'invalid_type' && !path.length),
    );
    if (inner) return inner.flatMap((one) => problemsOf({ ...one, path: [...issue.path, ...one.path] }));
  }
  const message =
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')}: not a key that is known here`
      : plainType(issue.message);
  return [problemAt(keys, message)];
}

const TYPES: Record<string, string> = { object: 'a map', array: 'a list', string: 'a text', null: 'empty' };

/** zod's own words for a value of another type, in those of somebody who writes YAML. */
function plainType(message: string): string {
  return message.replace(/^Invalid input: expected (\w+), received (\w+)$/, (_all, wanted: string, found: string) => {
    const what = TYPES[wanted] ?? wanted;
    return found === 'undefined' ? `must be given (${what})` : `must be ${what}, and is ${TYPES[found] ?? found}`;
  });
}

type Owner = { slug: string; path: string };

/** What two places of the file say differently: nothing is taken from one customer and given to another. */
function contradictions({ customers }: CustomersFile): FileProblem[] {
  const problems: FileProblem[] = [];
  const owners = {
    slug: new Map<string, Owner>(),
    account: new Map<string, Owner>(),
    address: new Map<string, Owner>(),
  };
  const claim = (kind: keyof typeof owners, value: string, slugOf: string, keys: (string | number)[]) => {
    const first = owners[kind].get(value);
    if (first) problems.push(problemAt(keys, `${kind} ${value} is already in ${first.path} (${first.slug})`));
    else owners[kind].set(value, { slug: slugOf, path: pathText(keys) });
  };
  for (const [index, entry] of customers.entries()) {
    const at = (...keys: (string | number)[]) => ['customers', index, ...keys];
    claim('slug', entry.slug, entry.slug, at('slug'));
    for (const [n, one] of entry.managementAccounts.entries())
      claim('account', one, entry.slug, at(...managementKeys(entry, n)));
    for (const [n, one] of entry.memberAccounts.entries()) claim('account', one, entry.slug, at('memberAccounts', n));
    for (const [n, one] of entry.rootAddresses.entries())
      claim('address', one.address, entry.slug, at('rootAddresses', n));
  }
  for (const [index, entry] of customers.entries()) {
    for (const [n, one] of entry.rootAddresses.entries()) {
      const owner = one.account === null ? undefined : owners.account.get(one.account);
      if (owner === undefined || owner.slug === entry.slug) continue;
      const keys = ['customers', index, 'rootAddresses', n, 'account'];
      problems.push(problemAt(keys, `account ${one.account} is in ${owner.path} (${owner.slug})`));
    }
    const seen = new Set<string>();
    for (const [n, { address: member }] of entry.members.entries()) {
      const keys = ['customers', index, 'members', n];
      if (seen.has(member)) problems.push(problemAt(keys, `${member} is in this list twice`));
      seen.add(member);
      const list = owners.address.get(member);
      if (list) problems.push(problemAt(keys, `${member} is a root address (${list.path}): mail would go round`));
    }
  }
  return problems;
}
