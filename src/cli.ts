import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { useCompileCache } from './lib/compileCache.ts';
import { endProcess } from './lib/endProcess.ts';
import { EXIT, messageOf, RootdeskError } from './lib/errors.ts';

/**
 * The command line. Commands load what they need when they run, so that `--help` and `explain` stay quick. Every error
 * is one line on stderr that says what is wrong and what to do; exit codes are those of sysexits(3).
 */
for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads it may go away before us (`| head`): no reason to crash.
  stream.on('error', () => {});
}

useCompileCache();

const program = new Command('rootdesk')
  .description('Turns the mail that AWS sends to root addresses into expert-support tickets.')
  .version(readVersion())
  .option('--config <file>', 'settings file (default: config/rootdesk.yaml when it exists)')
  .configureOutput({
    outputError(text, write) {
      const problem = text
        .trim()
        .replace(/^error: /, '')
        .replace(/\s*\n\s*/g, ' ')
        .replace(/\.$/, '');
      write(`rootdesk: ${problem}; rootdesk --help lists the commands\n`);
    },
  })
  .addHelpText(
    'after',
    `
Exit codes (sysexits(3)): 0 done; 1 doctor found something bad, or a second Ctrl-C; 64 wrong arguments; 65 wrong contents
of a file; 66 no such file; 69 something that is needed is not there; 70 an error of ours; 74 disk or folder; 75 in use
now, try again; 78 settings or keys.`,
  )
  .exitOverride();

program
  .command('start')
  .description('start everything in one process: listeners, workers and pages')
  .action(async () => (await import('./commands/serve.ts')).start(await settings()));

program
  .command('demo')
  .description('start with sample customers and sample mails, on a data folder of its own (data-demo)')
  .action(async () => (await import('./commands/serve.ts')).demo(configFile()));

program
  .command('import')
  .description('take mail from .eml files, mbox files and Maildir folders; safe to run again')
  .argument('<path...>', 'files and folders')
  .action(async (paths: string[]) => (await import('./commands/importMail.ts')).importMail(await settings(), paths));

program
  .command('backfill')
  .description(
    'read the mail that an IMAP mailbox held before it was watched: no copies, no notices; safe to stop, kill and run again',
  )
  .argument('<mailbox>', 'its name in the settings')
  .option('--oldest-first', 'from the oldest mail to the newest; else the newest come first')
  .option('--rate <mails>', 'mails a second at most', wholeNumber(1, 100_000))
  .option(
    '--open-days <days>',
    'mail of the last so many days opens tickets; older mail arrives solved',
    wholeNumber(0, 36_500),
    7,
  )
  .action(async (mailbox: string, options: import('./commands/backfill.ts').BackfillArguments) =>
    (await import('./commands/backfill.ts')).backfill(await settings(), mailbox, options),
  );

program
  .command('explain')
  .description('show what the rules make of mail files, and why; needs no database')
  .argument('<file...>', '.eml files, in the order in which they arrived')
  .option('--json', 'one JSON object a line')
  .option('--customers <file>', 'customers file, so that addresses and accounts are known')
  .action(async (files: string[], options: { json?: boolean; customers?: string }) =>
    (await import('./commands/explainMail.ts')).explainMail(await settings(), files, options),
  );

program
  .command('replay')
  .description(
    "run today's rules over stored mail and apply what changes; safe to run again and beside a running start",
  )
  .option('--dry-run', 'only say what would change')
  .option('--since <time>', 'mail that came since then: 2026-11-01, 2026-11-01T09:00Z, 36h, 30d')
  .option('--customer <slug...>', 'mail of these customers')
  .option('--kind <kind...>', 'mail that is of these kinds, or groups of kinds, now')
  .option('--json', 'the result as one JSON object')
  .action(async (options: import('./commands/replay.ts').ReplayArguments) =>
    (await import('./commands/replay.ts')).replayMail(await settings(), readVersion(), options),
  );

const customers = program.command('customers').description('customers, their accounts and root addresses');
customers
  .command('import')
  .description('add and change customers from a YAML file; safe to run again')
  .argument('<file>', 'see config/customers.example.yaml')
  .action(async (file: string) => (await import('./commands/customers.ts')).importFile(await settings(), file));
customers
  .command('list')
  .description('list the customers')
  .option('--json', 'one JSON object a line')
  .action(async (options: { json?: boolean }) =>
    (await import('./commands/customers.ts')).list(await settings(), options),
  );

const lists = program.command('lists').description('root addresses: give out, look at, release');
lists
  .command('create')
  .description('give out an unguessable root address for a management account')
  .argument('<customer>', 'slug of the customer')
  .requiredOption('--account <id>', 'AWS account id of the management account')
  .action(async (customer: string, options: { account: string }) =>
    (await import('./commands/lists.ts')).create(await settings(), customer, options),
  );
lists
  .command('list')
  .description('list the root addresses')
  .option('--customer <slug>', 'of this customer only')
  .option('--json', 'one JSON object a line')
  .action(async (options: { customer?: string; json?: boolean }) =>
    (await import('./commands/lists.ts')).list(await settings(), options),
  );
lists
  .command('show')
  .description('show a root address, its members and what became of its copies')
  .argument('<address>')
  .option('--json', 'as JSON')
  .action(async (address: string, options: { json?: boolean }) =>
    (await import('./commands/lists.ts')).show(await settings(), address, options),
  );
lists
  .command('probe')
  .description('probe the way to a root address now, instead of when its next probe is due')
  .argument('<address>')
  .action(async (address: string) => (await import('./commands/lists.ts')).probe(await settings(), address));
lists
  .command('release')
  .description('give a root address up for good: no more copies, never given out again')
  .argument('<address>')
  .option('--yes', 'really')
  .action(async (address: string, options: { yes?: boolean }) =>
    (await import('./commands/lists.ts')).release(await settings(), address, options),
  );

const mailboxes = program.command('mailboxes').description('IMAP mailboxes: how the watching goes, and what to do');
mailboxes
  .command('list')
  .description('list the mailboxes')
  .option('--troubled', 'those that need somebody')
  .option('--json', 'one JSON object a line')
  .action(async (options: { troubled?: boolean; json?: boolean }) =>
    (await import('./commands/mailboxes.ts')).list(await settings(), options),
  );
mailboxes
  .command('show')
  .description('show one: cursor, gaps, last comparison, who watches it, why it is not read and what to do')
  .argument('<mailbox>', 'its name in the settings')
  .option('--json', 'as JSON')
  .action(async (name: string, options: { json?: boolean }) =>
    (await import('./commands/mailboxes.ts')).show(await settings(), name, options),
  );
mailboxes
  .command('resume')
  .description('try a mailbox again that is paused because its login was refused')
  .argument('<mailbox>', 'its name in the settings')
  .action(async (name: string) => (await import('./commands/mailboxes.ts')).resume(await settings(), name));

const members = program.command('members').description('who is on the lists: propose, remove, look at');
members
  .command('add')
  .description('propose members; a second person approves by mail, then each confirms')
  .argument('<customer>', 'slug of the customer')
  .argument('<address...>')
  .option('--list <address>', 'only this root address (default: all of the customer)')
  .option('--name <name>', 'whose address it is, for the pages of the list (with one address)')
  .action(async (customer: string, addresses: string[], options: { list?: string; name?: string }) =>
    (await import('./commands/members.ts')).add(await settings(), customer, addresses, options),
  );
members
  .command('remove')
  .description('take a member off at once; never the last confirmed one of a live list')
  .argument('<customer>', 'slug of the customer')
  .argument('<address>')
  .option('--list <address>', 'only this root address (default: all of the customer)')
  .option('--suspend', 'suspend instead; coming back is a new addition')
  .action(async (customer: string, address: string, options: { list?: string; suspend?: boolean }) =>
    (await import('./commands/members.ts')).remove(await settings(), customer, address, options),
  );
members
  .command('list')
  .description('list the members and what additions wait for')
  .argument('[customer]', 'slug of the customer (default: all)')
  .option('--json', 'one JSON object a line')
  .action(async (customer: string | undefined, options: { json?: boolean }) =>
    (await import('./commands/members.ts')).list(await settings(), customer ?? null, options),
  );
members
  .command('import')
  .description('propose the members of a CSV table, all lines or none, with a verdict a line')
  .argument('<customer>', 'slug of the customer')
  .argument('<file>', 'columns: address; name, and list where the customer has several')
  .option('--dry-run', 'say what would happen, and do nothing')
  .action(async (customer: string, file: string, options: { dryRun?: boolean }) =>
    (await import('./commands/memberTable.ts')).importTable(await settings(), customer, file, options),
  );
members
  .command('export')
  .description('print the members as a CSV table, or all that is kept about one person as JSON')
  .argument('[customer]', 'slug of the customer (default: all)')
  .option('--person <address>', 'everything about this address')
  .action(async (customer: string | undefined, options: { person?: string }) => {
    if (options.person !== undefined) {
      return (await import('./commands/memberPerson.ts')).exportPerson(await settings(), options.person);
    }
    return (await import('./commands/memberTable.ts')).exportTable(await settings(), customer ?? null);
  });
members
  .command('erase')
  .description('take a person off every list and forget their address')
  .argument('<address>')
  .option('--yes', 'really')
  .action(async (address: string, options: { yes?: boolean }) =>
    (await import('./commands/memberPerson.ts')).erase(await settings(), address, options),
  );

const kinds = program.command('kinds').description('what kinds of mail are known (config/kinds)');
kinds
  .command('list')
  .description('list the kinds, what becomes of their mail and how urgent it is')
  .option('--json', 'one JSON object a line')
  .action(async (options: { json?: boolean }) => (await import('./commands/kinds.ts')).listKinds(options));
kinds
  .command('check')
  .description('check kind files and wordings, read the examples of each kind, show phrases that kinds share')
  .option('--rules <folder>', 'folder that holds kinds/ and senders.yaml (default: the shipped one)')
  .option('--templates <folder>', 'folder that holds ticket/ (default: the shipped one)')
  .option('--overlaps', 'show all shared phrases, not the first three of each pair')
  .action(async (options: { rules?: string; templates?: string; overlaps?: boolean }) =>
    (await import('./commands/kinds.ts')).checkKindFiles(options),
  );

program
  .command('dns')
  .description('print every DNS record to publish for our own domains')
  .option('--json', 'one JSON object a line')
  .action(async (options: { json?: boolean }) =>
    (await import('./commands/dns.ts')).printRecords(await settings(), options),
  );

program
  .command('doctor')
  .description('check settings, database, queue, DNS, ports, disk and keys, and say what to do')
  .action(async () => (await import('./doctor/doctor.ts')).doctor(configFile()));

program
  .command('resume')
  .description('after a restore: show what would leave, ask, and let it go')
  .option('--yes', 'do not ask')
  .option('--not-again', 'leave out notices and copies that may have left before the restore')
  .action(async (options: import('./commands/resume.ts').ResumeArguments) =>
    (await import('./commands/resume.ts')).resume(await settings(), options),
  );

program
  .command('hold')
  .description('let nothing leave until resume')
  .option('--restored', 'the database was restored together with its key folder, which nothing else shows')
  .action(async (options: { restored?: boolean }) =>
    (await import('./commands/resume.ts')).hold(await settings(), options),
  );

program
  .command('migrate')
  .description('bring the database up to this version')
  .action(async () => (await import('./commands/migrate.ts')).migrateDatabase(await settings()));

function configFile(): string | null {
  return program.opts<{ config?: string }>().config ?? null;
}

async function settings() {
  const { loadSettings } = await import('./settings.ts');
  return loadSettings({ file: configFile() });
}

/** Reads an option that is a whole number. */
function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,9}$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`it must be a whole number from ${least} to ${most}.`);
    return value;
  };
}

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
endProcess();

/** Prints an error and answers with the exit code it deserves. */
function report(error: unknown): number {
  if (error instanceof CommanderError || error instanceof InvalidArgumentError)
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof RootdeskError) {
    process.stderr.write(`rootdesk: ${error.message}; ${error.hint}\n`);
    return error.exitCode;
  }
  process.stderr.write(`rootdesk: unexpected error: ${messageOf(error)}; please report it with the lines below\n`);
  if (error instanceof Error && error.stack)
    process.stderr.write(`${error.stack.split('\n').slice(1, 8).join('\n')}\n`);
  return EXIT.software;
}
