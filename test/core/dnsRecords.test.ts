import { describe, expect, it } from 'vitest';
import { type OwnDomains, recordProblem, recordsToPublish } from '../../src/core/dnsRecords.ts';

const domains: OwnDomains = {
  root: ['root.example'],
  bounce: 'bounce.example',
  notice: { domain: 'desk.example', selector: 's1', record: 'v=DKIM1; k=rsa; p=AAAA' },
  mx: 'mx.example',
  spf: ['ip4:192.0.2.7'],
};
const records = recordsToPublish(domains);
const find = (purpose: string, name: string) =>
  records.find((one) => one.purpose === purpose && one.name.endsWith(name))!;

describe('the records of our own domains', () => {
  it('are MX, SPF, DKIM and DMARC for what receives and what sends', () => {
    expect(records.map(({ name, type, value }) => `${name} ${type} ${value}`)).toEqual([
      'root.example MX 10 mx.example.',
      'root.example TXT v=spf1 -all',
      '*._domainkey.root.example TXT v=DKIM1; p=',
      '_dmarc.root.example TXT v=DMARC1; p=reject; adkim=s; aspf=s',
      'bounce.example MX 10 mx.example.',
      'bounce.example TXT v=spf1 ip4:192.0.2.7 -all',
      '*._domainkey.bounce.example TXT v=DKIM1; p=',
      '_dmarc.bounce.example TXT v=DMARC1; p=reject; adkim=s; aspf=s',
      'desk.example TXT v=spf1 ip4:192.0.2.7 -all',
      's1._domainkey.desk.example TXT v=DKIM1; k=rsa; p=AAAA',
      '_dmarc.desk.example TXT v=DMARC1; p=reject; adkim=s; aspf=s',
    ]);
  });

  it('forbid nothing that is sent while nobody knows who sends', () => {
    const unknown = recordsToPublish({ ...domains, spf: [] });
    expect(unknown.filter(({ purpose }) => purpose === 'spf').map(({ name, value }) => [name, value])).toEqual([
      ['root.example', 'v=spf1 -all'],
    ]);
  });

  it('are compared by what they mean, not letter by letter', () => {
    const mx = find('mx', 'root.example');
    expect(recordProblem(mx, ['MX.example'])).toBeNull();
    expect(recordProblem(mx, ['other.example'])).toBe('names other.example');
    expect(recordProblem(mx, [])).toBe('is not there');
    expect(recordProblem(mx, [''])).toBe('says that no mail is taken');
    const spf = find('spf', 'bounce.example');
    expect(recordProblem(spf, ['google-site=1', 'v=spf1 include:x.example +ip4:192.0.2.7 ~all'])).toBeNull();
    expect(recordProblem(spf, ['v=spf1 -all'])).toBe('does not hold ip4:192.0.2.7');
    expect(recordProblem(spf, ['v=spf1 ip4:192.0.2.7 -all', 'v=spf1 -all'])).toMatch(/more than once/);
    expect(recordProblem(spf, ['v=spf1 ip4:192.0.2.7 +all'])).toMatch(/everybody/);
    expect(recordProblem(spf, ['v=spf1 -all ip4:192.0.2.7'])).toBe('does not hold ip4:192.0.2.7');
    expect(recordProblem(spf, ['v=spf1 -ip4:192.0.2.7 -all'])).toBe('does not hold ip4:192.0.2.7');
    const dkim = find('dkim', 's1._domainkey.desk.example');
    expect(recordProblem(dkim, ['v=DKIM1; p=AA AA'])).toBeNull();
    expect(recordProblem(dkim, ['v=DKIM1; p=BBBB'])).toBe('holds another key');
    expect(recordProblem(dkim, ['v=DKIM1; t=s:y; p=AAAA'])).toBe('only tests (t=y)');
    expect(recordProblem(dkim, ['v=DKIM1; p=AAAA', 'v=DKIM1; p=AAAA'])).toBe('stands there more than once');
    expect(recordProblem(dkim, [])).toBe('is not there');
    const none = find('dkim', 'root.example');
    expect(recordProblem(none, [])).toBeNull();
    expect(recordProblem(none, ['v=DKIM1; p=BBBB'])).toBe('holds another key');
    const dmarc = find('dmarc', 'desk.example');
    expect(recordProblem(dmarc, ['v=DMARC1; p=quarantine'])).toBeNull();
    expect(recordProblem(dmarc, ['v=DMARC1; p=none'])).toMatch(/p=none/);
  });
});
