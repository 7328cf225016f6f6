import { Counter, Gauge, Registry } from '@prometheus-io/client';
import type { FastifyInstance } from 'fastify';
import { sumCounters } from '../store/counters.ts';
import { readHold } from '../store/hold.ts';
import { readOldest, readPaths } from '../store/readHealth.ts';
import { readMailboxGauges } from '../store/readMailboxes.ts';
import { readSesQueues } from '../store/sesQueues.ts';
import type { ConsoleDeps } from './deps.ts';
import type { EventStreams } from './eventStreams.ts';
import { conditionOf, isListener, queueState } from './listeners.ts';
import { mailboxMetrics } from './mailboxMetrics.ts';
import { OUTCOMES } from './outcomes.ts';

/**
 * /metrics for Prometheus. Counters are those that are kept with the outcome in the database, the same whichever process
 * is asked; gauges say since when the oldest waits. Labels are outcomes, steps, types and short names of mailboxes and
 * listeners: no customer's data, never a root address.
 */
export function addMetrics(app: FastifyInstance, deps: ConsoleDeps, streams?: EventStreams): void {
  let errors = 0;
  app.addHook('onResponse', async (_request, reply) => {
    if (reply.statusCode >= 500 && reply.statusCode !== 503) errors++;
  });
  app.get('/metrics', async (_request, reply) => {
    const [registry, mailboxes] = await Promise.all([
      gather(deps, { errors, streams: streams?.count ?? 0 }),
      readMailboxGauges(deps.db),
    ]);
    const text = `${await registry.metrics()}${mailboxMetrics(mailboxes, deps.clock.now())}`;
    return reply.type(registry.contentType).send(text);
  });
}

/** Made anew for every scrape: the database has the numbers, and nothing that is gone stays behind as a label. */
async function gather(deps: ConsoleDeps, own: { errors: number; streams: number }): Promise<Registry> {
  const { db, clock } = deps;
  const [counters, pipe, queues, { slowestMs, ...paths }, hold] = await Promise.all([
    sumCounters(db),
    readOldest(db),
    readSesQueues(db),
    readPaths(db),
    readHold(db),
  ]);
  const now = clock.now().getTime();
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const count = (name: string, help: string, values: [labels: Record<string, string>, value: number][]) => {
    const labelNames = Object.keys(values[0]?.[0] ?? {});
    const counter = new Counter({ name, help, labelNames, registers });
    for (const [labels, value] of values) counter.inc(labels, value);
  };
  const gauge = (name: string, help: string, values: [labels: Record<string, string>, value: number][]) => {
    // Of nothing there is nothing to say: a gauge without a label would be 0, which rules read as a mailbox that is down.
    if (values.length === 0) return;
    const labelNames = Object.keys(values[0]?.[0] ?? {});
    const made = new Gauge({ name, help, labelNames, registers });
    for (const [labels, value] of values) made.set(labels, value);
  };
  const seconds = (at: Date | null) => (at === null ? 0 : Math.max(0, (now - at.getTime()) / 1000));

  count('rootdesk_mails_kept_total', 'Mails kept, one a customer.', [[{}, counters['kept.mails'] ?? 0]]);
  count('rootdesk_arrivals_total', 'Arrivals of mails, those of known mails included.', [
    [{}, counters['kept.arrivals'] ?? 0],
  ]);
  count(
    'rootdesk_auth_temperrors_total',
    'Tries to authenticate a mail that met a DNS error: the first one, and each one after it.',
    [[{}, counters['auth.temperror'] ?? 0]],
  );
  // A mail that is decided again moves from one outcome to another, so these go down, too.
  gauge(
    'rootdesk_mails',
    'Mails by the outcome that they have.',
    OUTCOMES.filter((outcome) => outcome !== 'pending').map((outcome) => [
      { outcome },
      counters[`mails.${outcome}`] ?? 0,
    ]),
  );
  gauge('rootdesk_oldest_waiting_seconds', 'Since when the oldest waits, a step of the road; 0 when nothing does.', [
    [{ step: 'authenticate' }, seconds(pipe.authenticate.oldestAt)],
    [{ step: 'decide' }, seconds(pipe.decide.oldestAt)],
    [{ step: 'act' }, seconds(pipe.act.oldestAt)],
  ]);
  gauge('rootdesk_effects_parked', 'Effects that gave up and wait for a person.', [[{}, pipe.act.parked]]);
  count(
    'rootdesk_effect_attempts_total',
    'Attempts of effects by type and by what became of them: done, due (tried again), parked.',
    named(counters, 'effects.').map(([name, value]) => {
      const dot = name.lastIndexOf('.');
      return [{ type: name.slice(0, dot), result: name.slice(dot + 1) }, value];
    }),
  );
  count(
    'rootdesk_acts_total',
    'What people did.',
    named(counters, 'acts.').map(([type, value]) => [{ type }, value]),
  );
  count('rootdesk_errors_total', 'Failures: mails that could not be read, pages that this process could not make.', [
    [{ where: 'decide' }, Math.max(0, counters['errors.decide'] ?? 0)],
    [{ where: 'pages' }, own.errors],
  ]);
  gauge(
    'rootdesk_queue_up',
    'Whether a queue of mail that SES took is being read.',
    queues.map((queue) => [{ queue: queue.name }, conditionOf(queueState(queue, clock.now())) === 'failing' ? 0 : 1]),
  );
  gauge(
    'rootdesk_queue_last_success_timestamp_seconds',
    'When a queue answered last; 0 before the first time.',
    queues.map(({ name, lastSuccessAt }) => [{ queue: name }, (lastSuccessAt?.getTime() ?? 0) / 1000]),
  );
  gauge(
    'rootdesk_queue_lag_seconds',
    'Since when a queue did not answer: mail that came meanwhile is not seen.',
    queues.map(({ name, lastSuccessAt, createdAt }) => [{ queue: name }, seconds(lastSuccessAt ?? createdAt)]),
  );
  gauge(
    'rootdesk_queue_failures',
    'Failures of a queue in a row, by their class; 0 while it is read.',
    queues.map(({ name, failures, errorClass }) => [{ queue: name, class: errorClass ?? 'none' }, failures]),
  );
  gauge(
    'rootdesk_queue_waiting',
    'Messages in a queue, as it says itself; those whose role may not ask are left out.',
    queues.flatMap(({ name, waiting }): [Record<string, string>, number][] =>
      waiting === null ? [] : [[{ queue: name }, waiting]],
    ),
  );
  gauge(
    'rootdesk_queue_unread',
    'Messages of a queue whose mail cannot be read; they stay there and are tried again.',
    queues.map(({ name, troubles }) => [{ queue: name }, troubles]),
  );
  gauge(
    'rootdesk_queue_unread_oldest_seconds',
    'Since when the oldest of them cannot be read; 0 where there is none.',
    queues.map(({ name, oldestTroubleAt }) => [{ queue: name }, seconds(oldestTroubleAt)]),
  );
  gauge(
    'rootdesk_listener_up',
    'Whether a way in of this process works; mailboxes have rootdesk_mailbox_up.',
    deps
      .listeners()
      .filter(isListener)
      .map(({ name, state }) => [{ listener: name }, conditionOf(state) === 'failing' ? 0 : 1]),
  );
  gauge(
    'rootdesk_root_addresses',
    'Root addresses by what the probes say of the way to them.',
    Object.entries(paths).map(([path, value]) => [{ path }, value]),
  );
  count('rootdesk_probes_arrived_total', 'Probes that came back.', [[{}, counters['probes.arrived'] ?? 0]]);
  gauge('rootdesk_probe_slowest_seconds', 'Longest that a probe of the last three hours took to come back.', [
    [{}, slowestMs / 1000],
  ]);
  gauge('rootdesk_on_hold', '1 while nothing leaves, because the database was restored or somebody asked for it.', [
    [{}, hold === null ? 0 : 1],
  ]);
  gauge('rootdesk_last_mail_timestamp_seconds', 'When the last mail was kept; 0 before the first.', [
    [{}, pipe.lastMailAt === null ? 0 : pipe.lastMailAt.getTime() / 1000],
  ]);
  gauge('rootdesk_event_streams', 'Open streams of live news in this process.', [[{}, own.streams]]);
  return registry;
}

function named(counters: Record<string, number>, prefix: string): [name: string, value: number][] {
  return Object.entries(counters).flatMap(([name, value]): [string, number][] =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
  );
}
