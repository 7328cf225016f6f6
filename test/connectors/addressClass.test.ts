import { describe, expect, it } from 'vitest';
import { addressClass, isLoopbackName } from '../../src/connectors/addressClass.ts';
import { checkHost } from '../../src/connectors/pinnedLookup.ts';

describe('the class of an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['1.1.1.1', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.1', 'public'],
    ['2600:9000::1', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['2002:808:808::1', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'private'],
    ['127.0.0.1', 'private'],
    ['127.255.255.254', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['::1', 'private'],
    ['fd12:3456::1', 'private'],
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:7f00:1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['::127.0.0.1', 'private'],
    ['64:ff9b::7f00:1', 'private'],
    ['2002:7f00:1::', 'private'],
    ['2002:a00:1::5', 'private'],
    ['0.0.0.0', 'forbidden'],
    ['0.1.2.3', 'forbidden'],
    ['169.254.169.254', 'forbidden'],
    ['169.254.170.2', 'forbidden'],
    ['100.100.100.200', 'forbidden'],
    ['168.63.129.16', 'forbidden'],
    ['192.0.0.1', 'forbidden'],
    ['198.18.0.1', 'forbidden'],
    ['224.0.0.1', 'forbidden'],
    ['240.0.0.1', 'forbidden'],
    ['255.255.255.255', 'forbidden'],
    ['::', 'forbidden'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['::ffff:a9fe:a9fe', 'forbidden'],
    ['64:ff9b::a9fe:a9fe', 'forbidden'],
    ['2002:a9fe:a9fe::', 'forbidden'],
    ['fd00:ec2::254', 'forbidden'],
    ['fe80::1', 'forbidden'],
    ['fe80::1%eth0', 'forbidden'],
    ['ff02::1', 'forbidden'],
    ['2001:db8::1', 'forbidden'],
    ['localhost', 'forbidden'],
    ['', 'forbidden'],
    ['1.2.3', 'forbidden'],
  ])('%s is %s', (address, kind) => {
    expect(addressClass(address)).toBe(kind);
  });

  it.each([
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://[::ffff:127.0.0.1]/',
  ])('sees through %s', (url) => {
    expect(() => checkHost(new URL(url), false)).toThrow(/private or loopback/);
    expect(() => checkHost(new URL(url), true)).not.toThrow();
  });

  it('refuses metadata addresses even when private ones are allowed', () => {
    expect(() => checkHost(new URL('http://169.254.169.254/latest'), true)).toThrow(/metadata/);
    expect(() => checkHost(new URL('http://[fd00:ec2::254]/'), true)).toThrow(/metadata/);
  });

  it('knows names of this machine', () => {
    for (const name of ['localhost', 'LOCALHOST.', 'a.localhost', '127.0.0.1', '::1', '[::1]']) {
      expect(isLoopbackName(name)).toBe(true);
    }
    for (const name of ['localhost.example', '10.0.0.1', 'mail.example', '127.example']) {
      expect(isLoopbackName(name)).toBe(false);
    }
  });
});
