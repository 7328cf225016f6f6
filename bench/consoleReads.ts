import type { Chosen } from './consoleLoad.ts';

/** Every page and every read of the API, with filters, sorts, searches and deep pages: name and address. */
export function consoleReads(chosen: Chosen): [name: string, path: string][] {
  const api = (query: Record<string, string>) => `/api/v1/tickets?${new URLSearchParams(query)}`;
  const page = (query: Record<string, string>) => `/?${new URLSearchParams(query)}`;
  const pages: [string, string][] = [
    ['queue', '/'],
    ['queue, waiting', page({ q: 'state:waiting' })],
    ['queue, solved, by change', page({ q: 'state:solved', sort: 'changed' })],
    ['queue, by customer', page({ sort: 'customer' })],
    ['queue, large customer', page({ q: `customer:${chosen.large}` })],
    ['queue, small customer, all', page({ q: `state:any customer:${chosen.small}` })],
    ['queue, kind', page({ q: 'kind:abuse' })],
    ['queue, common word', page({ q: 'retirement' })],
    ['queue, Japanese, all', page({ q: 'state:any 請求書番号' })],
    ['queue, without a word', page({ q: '-retirement' })],
    ['queue, an id', page({ q: 'state:any i-6dd4e11e' })],
    ['ticket, first of the queue', `/tickets/${chosen.ticket}`],
    ['ticket, last of the queue', `/tickets/${chosen.deep}`],
    ['ticket, 1000 entries', `/tickets/${chosen.busiest}`],
    ['story', `/mails/${chosen.mail}`],
    ['mails', '/mails'],
    ['mails, quarantine', '/mails?outcome=quarantine'],
    ['quarantine', '/quarantine'],
    ['parked', '/parked'],
    ['health', '/health'],
    ['customers', '/customers'],
    ['customer, large', `/customers/${chosen.large}`],
  ];
  const sorts = ['act', 'customer', 'kind', 'changed', 'number'];
  const reads: [string, string][] = [
    ...sorts.map((sort): [string, string] => [`tickets, all, by ${sort}`, api({ sort })]),
    ...sorts.map((sort): [string, string] => [`tickets, open, by ${sort}`, api({ q: 'state:open', sort })]),
    ['tickets, large customer', api({ q: `state:any customer:${chosen.large}`, sort: 'act' })],
    ['tickets, small customer by change', api({ q: `state:any customer:${chosen.small}`, sort: 'changed' })],
    ['tickets, due', api({ q: 'due:<7d -kind:budget', sort: 'act' })],
    ['tickets, urgency and kind', api({ q: 'urgency:critical kind:abuse', sort: 'act' })],
    ['search, an id', api({ q: 'state:any 176000004711', sort: 'act' })],
    ['search, an instance', api({ q: 'state:any i-6dd4e11e', sort: 'changed' })],
    ['search, common word, open', api({ q: 'retirement', sort: 'act' })],
    ['search, two common words, all', api({ q: 'state:any unpaid balance', sort: 'changed' })],
    ['search, Japanese, two characters', api({ q: 'state:any 廃止', sort: 'act' })],
    ['search, Japanese and customer', api({ q: `state:any 請求書 customer:${chosen.small}`, sort: 'act' })],
    ['search, short word', api({ q: 'state:any eu', sort: 'act' })],
    ['search, nothing', api({ q: 'state:any xyzzyplugh', sort: 'act' })],
    ['ticket', `/api/v1/tickets/${chosen.ticket}`],
    ['ticket, 1000 entries', `/api/v1/tickets/${chosen.busiest}`],
    ['mails', '/api/v1/mails'],
    ['mails, held and waiting', '/api/v1/mails?outcome=quarantine&review=waiting'],
    ['mails, decided', '/api/v1/mails?review=decided'],
    ['mails, pending', '/api/v1/mails?outcome=pending'],
    ['mails, parked', '/api/v1/mails?outcome=parked'],
    ['mails of a customer', `/api/v1/mails?customer=${chosen.small}`],
    ['mails of a customer, dropped', `/api/v1/mails?customer=${chosen.small}&outcome=drop`],
    ['mail by hash', `/api/v1/mails?sha256=${chosen.sha256}`],
    ['mail by Message-ID', `/api/v1/mails?messageId=${encodeURIComponent(chosen.messageId)}`],
    ['mail', `/api/v1/mails/${chosen.held}`],
    ['acts', '/api/v1/acts'],
    ['customers', '/api/v1/customers?limit=200'],
    ['customer', `/api/v1/customers/${chosen.large}`],
    ['lists', '/api/v1/lists?limit=200'],
    ['list', `/api/v1/lists/${chosen.list}`],
    ['health', '/api/v1/health'],
    ['stats', '/api/v1/stats'],
    ['metrics', '/metrics'],
  ];
  return [
    ...pages.map(([name, path]): [string, string] => [`page: ${name}`, path]),
    ...reads.map(([name, path]): [string, string] => [`API: ${name}`, path]),
  ];
}
