import type { Settings } from '../settings.ts';
import type { Finding } from './finding.ts';

/** Whether people can be put on lists: approvers to ask, and pages that the links in mails lead to. */
export function checkMembership({ membership, public: pages }: Settings): Finding[] {
  const findings: Finding[] = [];
  if (membership.approvers.length === 0) {
    findings.push({
      name: 'members',
      state: 'warn',
      text: "nobody can approve a customer's first list member",
      hint: 'set ROOTDESK_APPROVERS, at best to two persons: nobody approves what they proposed',
    });
  }
  if (pages.url === null) {
    findings.push({
      name: 'members',
      state: 'warn',
      text: 'no address of the public pages: nobody is asked to approve or confirm',
      hint: 'set ROOTDESK_PUBLIC_URL to the https address of the web server before them',
    });
  }
  if (findings.length > 0) return findings;
  const count = membership.approvers.length;
  return [{ name: 'members', state: 'ok', text: `${count} approvers; links lead to ${pages.url}` }];
}
