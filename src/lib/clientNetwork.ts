import { isIP } from 'node:net';

/**
 * What counts as one client for limits: an IPv4 address, also when it is written as IPv6, or an IPv6 /64, because one
 * household has more addresses than any memory.
 */
export function clientNetwork(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.split('%')[0]!.split('::');
  const front = head.split(':').filter(Boolean);
  const back = tail.split(':').filter(Boolean);
  const missing = address.includes('::') ? Math.max(8 - front.length - back.length, 0) : 0;
  return [...front, ...Array<string>(missing).fill('0'), ...back].slice(0, 4).join(':');
}
