import { BlockList, isIP } from 'node:net';

/**
 * Whether an address may be asked from the outside world's point of view.
 * - `public`: globally reachable.
 * - `private`: of this machine or its networks; only when a setting allows it.
 * - `forbidden`: link-local (cloud metadata services live there), multicast, reserved, documentation: never.
 *
 * Sources: IANA special-purpose address registries (RFC 6890), RFC 6052 and RFC 3056 for embedded IPv4.
 */
export type AddressClass = 'public' | 'private' | 'forbidden';

const PRIVATE = blockList(
  ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['::1/128', 'fc00::/7'],
);

const FORBIDDEN = blockList(
  [
    '0.0.0.0/8',
    // Metadata services of Alibaba and of Azure's host.
    '100.100.100.200/32',
    '168.63.129.16/32',
    '169.254.0.0/16',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/3',
  ],
  [
    '::/128',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '3fff::/20',
    '5f00::/16',
    // AWS's metadata and DNS services, inside the private range.
    'fd00:ec2::/32',
    'fe80::/10',
    'fec0::/10',
    'ff00::/8',
  ],
);

/** IPv6 prefixes (bits) after which an IPv4 address follows: mapped, compatible, NAT64, 6to4. */
const EMBEDDING: [list: BlockList, group: number][] = [
  [blockList([], ['::ffff:0:0/96', '::/96', '64:ff9b::/96', '::ffff:0:0:0/96']), 6],
  [blockList([], ['2002::/16']), 1],
];

/** The class of an IP address as text, with or without a zone. What is no address is forbidden. */
export function addressClass(address: string): AddressClass {
  const bare = address.replace(/%.*$/, '');
  const version = isIP(bare);
  if (version === 0) return 'forbidden';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (FORBIDDEN.check(bare, family)) return 'forbidden';
  if (PRIVATE.check(bare, family)) return 'private';
  if (version === 6) {
    for (const [list, group] of EMBEDDING) {
      if (list.check(bare, family)) return addressClass(embedded(bare, group));
    }
  }
  return 'public';
}

/** Names and addresses that never leave this machine. RFC 6761 §6.3. */
export function isLoopbackName(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[|\]$/g, '');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/** The IPv4 address in two groups of an IPv6 address, from the given one (0 to 6). */
function embedded(address: string, group: number): string {
  const groups = expand(address);
  const [high = 0, low = 0] = groups.slice(group);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function expand(address: string): number[] {
  // The URL parser writes every IPv6 address in one form, a dotted tail as hexadecimal groups.
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].map((part) => Number.parseInt(part, 16));
}

function blockList(ipv4: string[], ipv6: string[]): BlockList {
  const list = new BlockList();
  for (const [networks, family] of [
    [ipv4, 'ipv4'],
    [ipv6, 'ipv6'],
  ] as const) {
    for (const network of networks) {
      const [address, bits] = network.split('/') as [string, string];
      list.addSubnet(address, Number(bits), family);
    }
  }
  return list;
}
