import { openBase } from '../base.ts';
import { type DnsRecord, recordsToPublish } from '../core/dnsRecords.ts';
import { createLog } from '../lib/log.ts';
import { print } from '../lib/output.ts';
import { domainNotes, ownDomains } from '../ownDomains.ts';
import type { Settings } from '../settings.ts';
import { openInstance } from '../store/instance.ts';

/** Longest character-string of a TXT record (RFC 1035 §3.3.14). */
const STRING_BYTES = 255;

/** `rootdesk dns`: every record to publish for our own domains, as lines of a zone file. */
export async function printRecords(settings: Settings, options: { json?: boolean }): Promise<void> {
  const log = createLog(settings.logLevel);
  const base = await openBase(settings, { log, role: 'command' });
  try {
    const { keyFile, dataDir } = settings;
    const seal = await openInstance({ db: base.db, keyFile, dataDir, clock: base.clock, use: 'command' });
    const domains = await ownDomains(settings, base.db, seal);
    const records = recordsToPublish(domains);
    if (options.json) {
      for (const record of records) print(`${JSON.stringify(record)}\n`);
      return;
    }
    const notes = domainNotes(domains, settings).map((note) => `; note: ${note}\n`);
    print([...notes, ...records.map(zoneLine)].join(''));
  } finally {
    await base.close();
  }
}

function zoneLine({ name, type, value, why }: DnsRecord): string {
  const data = type === 'TXT' ? quoted(value) : value;
  return `; ${why}\n${name}. 3600 IN ${type} ${data}\n`;
}

function quoted(text: string): string {
  const strings = text.match(new RegExp(`.{1,${STRING_BYTES}}`, 'g')) ?? [''];
  return strings.map((one) => `"${one.replace(/["\\]/g, '\\$&')}"`).join(' ');
}
