import { loadTemplates } from '../act/templates.ts';
import { isLoopbackName } from '../connectors/addressClass.ts';
import { createLog } from '../lib/log.ts';
import { SHIPPED } from '../rules.ts';
import type { Settings } from '../settings.ts';
import { badBy, type Finding } from './finding.ts';

export async function checkTemplates(settings: Settings): Promise<Finding[]> {
  try {
    const { templatesDir } = settings;
    const log = createLog('silent');
    const { problems } = await loadTemplates({ templatesDir, shippedDir: SHIPPED.templates, log });
    if (problems.length === 0) return [{ name: 'templates', state: 'ok', text: 'every notice can be written' }];
    const hint = 'the shipped one is used instead; mend yours';
    return problems.map(({ file, error }) => ({ name: 'templates', state: 'warn', text: `${file}: ${error}`, hint }));
  } catch (error) {
    return [badBy('templates', error, 'mend the file under templates/mail')];
  }
}

/** Probes of the way to root addresses need a way out, and come back by another. */
export function checkProbes({ outgoing, probes, smtp, lmtp }: Settings): Finding {
  const { host, port } = outgoing;
  if (probes.everyMinutes === 0) {
    const hint = 'set ROOTDESK_PROBES_EVERY_MINUTES: an address that has gone silent is seen by nothing else';
    return { name: 'probes', state: 'warn', text: 'switched off', hint };
  }
  if (host === null) {
    const hint = 'set ROOTDESK_OUTGOING_HOST: an address that has gone silent is seen by nothing else';
    return { name: 'probes', state: 'warn', text: 'none is sent: no outgoing mail server is set', hint };
  }
  const own = [...(smtp.enabled ? [smtp.port] : []), ...(lmtp.enabled ? [lmtp.port] : [])];
  if (isLoopbackName(host) && own.includes(port)) {
    const hint = 'set ROOTDESK_OUTGOING_HOST to the mail server that sends your mail out';
    return { name: 'probes', state: 'bad', text: 'outgoing.host is our own listener: mail would go in a ring', hint };
  }
  return { name: 'probes', state: 'ok', text: `one to each root address every ${probes.everyMinutes} minutes` };
}

export function checkWebhook({ notify }: Settings): Finding[] {
  return notify.webhookUrl === null ? [] : [{ name: 'webhook', state: 'ok', text: 'told of urgent tickets, signed' }];
}

export function checkOutgoing(settings: Settings): Finding {
  const { host, port, from } = settings.outgoing;
  if (host === null || from === null) {
    return {
      name: 'outgoing',
      state: 'warn',
      text: 'no mail server for notices: none is written',
      hint: 'set ROOTDESK_OUTGOING_HOST and ROOTDESK_OUTGOING_FROM',
    };
  }
  if (settings.notify.addresses.length === 0) {
    return {
      name: 'outgoing',
      state: 'warn',
      text: `${host}:${port}, but nobody to tell`,
      hint: 'set ROOTDESK_NOTIFY_ADDRESSES',
    };
  }
  return { name: 'outgoing', state: 'ok', text: `notices go from ${from} by ${host}:${port}` };
}
