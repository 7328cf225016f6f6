import { expect, it } from 'vitest';
import { checkMembership } from '../../src/doctor/checkMembership.ts';
import { portOf } from '../../src/public/server.ts';
import { loadSettings } from '../../src/settings.ts';

const load = (env: Record<string, string>) => loadSettings({ file: '/dev/null', env });

it('doctor says when nobody can be asked to approve, and when links lead nowhere', () => {
  expect(checkMembership(load({})).map(({ state, text }) => [state, text])).toEqual([
    ['warn', "nobody can approve a customer's first list member"],
    ['warn', 'no address of the public pages: nobody is asked to approve or confirm'],
  ]);
  const env = { ROOTDESK_APPROVERS: 'bob=bob@msp.example', ROOTDESK_PUBLIC_URL: 'https://lists.example' };
  expect(checkMembership(load(env))).toMatchObject([{ state: 'ok' }]);
});

it('the public pages are off until an address or a port is named', () => {
  expect(portOf(load({}).public)).toBeNull();
  expect(portOf(load({ ROOTDESK_PUBLIC_URL: 'https://lists.example' }).public)).toBe(8481);
  expect(portOf(load({ ROOTDESK_PUBLIC_PORT: '0' }).public)).toBe(0);
});
