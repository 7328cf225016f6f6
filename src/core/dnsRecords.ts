/** The DNS records that our own domains need, and whether what DNS answers does. Pure. */

export type DnsRecord = {
  name: string;
  type: 'MX' | 'TXT';
  value: string;
  /** What it is for. */
  purpose: 'mx' | 'spf' | 'dkim' | 'dmarc';
  /** What happens without it, for people. */
  why: string;
};

export type OwnDomains = {
  /** Domains of root addresses. */
  root: readonly string[];
  /** Domain of the envelope senders of copies; null: no copies are sent. */
  bounce: string | null;
  /** Domain of the From of our notices; null: none are sent. */
  notice: { domain: string; selector: string; record: string } | null;
  /** Host that takes mail for root and bounce domains. */
  mx: string;
  /** SPF mechanisms of the servers that send our mail out. */
  spf: readonly string[];
};

/** Nobody signs for a name without a key; said for all selectors at once, so that no forged signature is even tried. */
const NO_KEY = 'v=DKIM1; p=';

/** Every record to publish, domain by domain, each once. */
export function recordsToPublish(domains: OwnDomains): DnsRecord[] {
  const { bounce, notice, mx, spf } = domains;
  const records: DnsRecord[] = [];
  const all = new Set([...domains.root, ...(bounce ? [bounce] : []), ...(notice ? [notice.domain] : [])]);
  for (const domain of all) {
    const receives = domains.root.includes(domain) || domain === bounce;
    const sends = domain === bounce || domain === notice?.domain;
    if (receives) {
      const why = domain === bounce ? 'else bounces of copies do not come back' : 'else mail of AWS does not arrive';
      records.push({ name: domain, type: 'MX', value: `10 ${mx}.`, purpose: 'mx', why });
    }
    // Where it is not known who sends, a record would forbid all that is sent.
    if (!sends || spf.length > 0) {
      records.push({
        name: domain,
        type: 'TXT',
        value: sends ? `v=spf1 ${[...spf, '-all'].join(' ')}` : 'v=spf1 -all',
        purpose: 'spf',
        why: sends ? 'else members refuse what we send' : 'else others can send as this domain, which nobody does',
      });
    }
    records.push(
      domain === notice?.domain
        ? {
            name: `${notice.selector}._domainkey.${domain}`,
            type: 'TXT',
            value: notice.record,
            purpose: 'dkim',
            why: 'else our notices and wrapped mail prove nothing',
          }
        : {
            name: `*._domainkey.${domain}`,
            type: 'TXT',
            value: NO_KEY,
            purpose: 'dkim',
            why: 'else others can sign as this domain, which nobody does',
          },
    );
    records.push({
      name: `_dmarc.${domain}`,
      type: 'TXT',
      value: 'v=DMARC1; p=reject; adkim=s; aspf=s',
      purpose: 'dmarc',
      why: 'else others can write in the name of this domain',
    });
  }
  return records;
}

/** What DNS says about a record: MX answers as `host`, TXT answers as whole texts. Null: nothing is wrong. */
export function recordProblem(record: DnsRecord, answers: readonly string[]): string | null {
  const texts = answers.map((answer) => answer.trim());
  if (record.purpose === 'mx') {
    const host = plainHost(record.value.split(' ').at(-1) ?? '');
    if (texts.length === 0) return 'is not there';
    if (texts.some((answer) => plainHost(answer) === host)) return null;
    // RFC 7505: the root stands for "takes no mail".
    return texts.every((answer) => plainHost(answer) === '')
      ? 'says that no mail is taken'
      : `names ${texts.join(', ')}`;
  }
  if (record.purpose === 'spf') return spfProblem(record.value, texts);
  if (record.purpose === 'dmarc') return dmarcProblem(texts);
  const own = texts.filter((answer) => tagOf(answer, 'p') !== null);
  if (own.length === 0) return record.value === NO_KEY ? null : 'is not there';
  if (own.length > 1) return 'stands there more than once';
  if (record.value !== NO_KEY && /(?:^|:)\s*y\s*(?:$|:)/i.test(tagOf(own[0]!, 't') ?? '')) return 'only tests (t=y)';
  return squeeze(tagOf(own[0]!, 'p') ?? '') === squeeze(tagOf(record.value, 'p') ?? '') ? null : 'holds another key';
}

/** RFC 7208 §4.5: exactly one record; ours may stand among other mechanisms. */
function spfProblem(wanted: string, texts: readonly string[]): string | null {
  const found = texts.filter((text) => /^v=spf1(?: |$)/i.test(text));
  if (found.length === 0) return 'is not there';
  if (found.length > 1) return 'stands there more than once: none of them counts';
  const all = found[0]!.toLowerCase().split(/\s+/);
  // §5.1: what stands behind "all" is never looked at.
  const end = all.findIndex((word) => /^[+?~-]?all$/.test(word));
  const has = end < 0 ? all : all.slice(0, end + 1);
  const missing = wanted
    .toLowerCase()
    .split(' ')
    .slice(1, -1)
    .filter((word) => !has.includes(word) && !has.includes(`+${word}`));
  if (missing.length > 0) return `does not hold ${missing.join(' ')}`;
  return has.some((word) => /^\+?all$/.test(word)) ? 'lets everybody send (all)' : null;
}

function dmarcProblem(texts: readonly string[]): string | null {
  const found = texts.filter((text) => /^v=DMARC1\s*(?:;|$)/i.test(text));
  if (found.length === 0) return 'is not there';
  if (found.length > 1) return 'stands there more than once: none of them counts';
  const policy = tagOf(found[0]!, 'p')?.toLowerCase();
  return policy === 'reject' || policy === 'quarantine' ? null : 'asks for nothing (p=none)';
}

function tagOf(text: string, name: string): string | null {
  for (const item of text.split(';')) {
    const at = item.indexOf('=');
    if (at > 0 && item.slice(0, at).trim().toLowerCase() === name) return item.slice(at + 1).trim();
  }
  return null;
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}

function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
