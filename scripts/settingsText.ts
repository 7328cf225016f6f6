import { stringify } from 'yaml';
import type { z } from 'zod';
import { type Leaf, leaves } from '../src/settingsSchema.ts';
import { mailboxSchema, sesQueueSchema } from '../src/sourceSettings.ts';

const WIDTH = 110;

/** `config/rootdesk.yaml`: every setting with its default, what it means and its name in the environment. */
export function settingsFile(): string {
  const lines = [
    ...comment(
      'Every setting with its default. Made from src/settingsSchema.ts by `npm run generate`: to change settings, edit a copy and name it with ROOTDESK_CONFIG or --config, or set the environment name below a description. The environment goes before the file. An unknown key is an error.',
      '',
    ),
    ...comment('Names marked "or …_FILE" are secrets: that name takes the path of a file that holds the value.', ''),
  ];
  let section = '';
  for (const leaf of leaves()) {
    const [head = '', tail] = leaf.path;
    if (tail === undefined) lines.push('', ...entry(leaf, ''));
    else {
      if (section !== head) lines.push('', `${head}:`);
      lines.push(...entry(leaf, '  '));
    }
    section = tail === undefined ? '' : head;
    if (head === 'mailboxes') lines.push(...example(mailboxSchema, MAILBOX));
    if (head === 'ses') lines.push(...example(sesQueueSchema, SES_QUEUE));
  }
  return `${lines.join('\n')}\n`;
}

/** `docs/settings.md`: the same as a table. */
export function settingsTable(): string {
  const rows = (list: Leaf[]) =>
    list.map((leaf) => {
      const cells = [`\`${leaf.path.join('.')}\``, environment(leaf), defaultText(leaf), leaf.meta.description];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    });
  return [
    '# Settings',
    '',
    'Made from `src/settingsSchema.ts` by `npm run generate`; `config/rootdesk.yaml` holds the same with every default.',
    'Order: default, file (`config/rootdesk.yaml`, or the one that `ROOTDESK_CONFIG` or `--config` names), environment.',
    'Lists are separated by commas or spaces in the environment. Unknown keys and unknown `ROOTDESK_…` names are errors.',
    '',
    '| key | environment | default | meaning |',
    '|---|---|---|---|',
    ...rows(leaves()),
    '',
    'Each entry of `mailboxes` (file only):',
    '',
    '| key | environment | default | meaning |',
    '|---|---|---|---|',
    ...rows(leaves(mailboxSchema)),
    '',
    'Each entry of `ses` (file only):',
    '',
    '| key | environment | default | meaning |',
    '|---|---|---|---|',
    ...rows(leaves(sesQueueSchema)),
    '',
  ].join('\n');
}

function entry(leaf: Leaf, indent: string): string[] {
  const name = environment(leaf).replaceAll('`', '');
  return [
    ...comment(leaf.meta.description, indent),
    ...(name === '–' ? [] : [`${indent}# ${name}`]),
    `${indent}${leaf.path.at(-1)}: ${inline(leaf.default)}`,
  ];
}

const MAILBOX = { name: 'root', host: 'imap.example.com', user: 'root-mail', passwordFile: 'imap.password' };
const SES_QUEUE = {
  name: 'root-mail',
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/root-mail',
  bucket: 'example-root-mail',
};

/** The keys of one entry as comments: there is no default one. */
function example(schema: z.ZodType, shown: Record<string, unknown>): string[] {
  return leaves(schema).flatMap((leaf, index) => {
    const key = String(leaf.path[0]);
    const value = inline(shown[key] ?? leaf.default);
    return [...comment(leaf.meta.description, '#   '), `# ${index === 0 ? '-' : ' '} ${key}: ${value}`];
  });
}

function environment({ meta }: Leaf): string {
  if (meta.env === undefined) return '–';
  return meta.secret ? `\`${meta.env}\` or \`${meta.env}_FILE\`` : `\`${meta.env}\``;
}

function defaultText(leaf: Leaf): string {
  return leaf.default === undefined ? 'must be set' : leaf.default === null ? 'not set' : `\`${inline(leaf.default)}\``;
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function comment(text: string, indent: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string;
    if (last !== '' && indent.length + last.length + word.length + 3 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${indent}# ${line}`);
}
