import { sumCounters } from '../../store/counters.ts';
import { type Oldest, readOldest, readPaths } from '../../store/readHealth.ts';
import { readWorstMailboxes } from '../../store/readMailboxes.ts';
import { readSesQueues, readSesTroubles } from '../../store/sesQueues.ts';
import { isListener, queueState } from '../listeners.ts';
import { OUTCOMES } from '../outcomes.ts';
import { checkReadiness } from '../readiness.ts';
import { endpoint, PAGE } from './endpoint.ts';
import { mailboxItemOf } from './mailboxes.ts';
import { alive, health, readiness, stats } from './shapes.ts';

export const getStats = endpoint({
  method: 'GET',
  path: '/stats',
  tag: 'Health',
  summary: 'Counters since the installation began, and since when what waits',
  description: 'Counters are kept with what they count: nothing is counted when asked.',
  answer: stats,
  async handle({ db, clock }) {
    const [counters, pipe] = await Promise.all([sumCounters(db), readOldest(db)]);
    const decided = OUTCOMES.filter((outcome) => outcome !== 'pending');
    const mails = Object.fromEntries(decided.map((outcome) => [outcome, counters[`mails.${outcome}`] ?? 0]));
    return { body: { mails, counters, ...roadOf(pipe, clock.now()) } };
  },
});

export const getHealth = endpoint({
  method: 'GET',
  path: '/health',
  tag: 'Health',
  summary: 'How the road stands: oldest waiting, listeners, the mailboxes that need somebody, queues',
  answer: health,
  async handle({ db, clock, listeners }) {
    const [pipe, mailboxes, queues, unread, { slowestMs, ...paths }] = await Promise.all([
      readOldest(db),
      readWorstMailboxes(db, PAGE),
      readSesQueues(db),
      readSesTroubles(db, 100),
      readPaths(db),
    ]);
    const iso = (at: Date | string | null) => (at === null ? null : new Date(at).toISOString());
    return {
      body: {
        ...roadOf(pipe, clock.now()),
        paths,
        listeners: listeners()
          .filter(isListener)
          .map((one) => ({
            name: one.name,
            how: one.how,
            address: one.address,
            state: one.state,
            lastSuccessAt: iso(one.lastSuccessAt),
            detail: one.detail,
          })),
        mailboxes: mailboxes.rows.map(mailboxItemOf),
        mailboxCounts: { all: mailboxes.all, troubled: mailboxes.troubled },
        queues: queues.map((queue) => ({
          name: queue.name,
          state: queueState(queue, clock.now()),
          lastSuccessAt: iso(queue.lastSuccessAt),
          lastError: queue.lastError,
          errorClass: queue.errorClass,
          failures: queue.failures,
          waiting: queue.waiting,
          unread: queue.troubles,
          oldestUnreadAt: iso(queue.oldestTroubleAt),
        })),
        unread: unread.map(({ id: _id, messageId, firstAt, lastAt, nextTryAt, ...row }) => ({
          ...row,
          message: messageId,
          firstAt: firstAt.toISOString(),
          lastAt: lastAt.toISOString(),
          nextTryAt: nextTryAt.toISOString(),
        })),
      },
    };
  },
});

function roadOf(pipe: Oldest, now: Date) {
  const waiting = (oldest: Date | null) => ({
    oldestAt: oldest?.toISOString() ?? null,
    oldestSeconds: oldest ? Math.max(0, Math.round((now.getTime() - oldest.getTime()) / 1000)) : 0,
  });
  return {
    waiting: {
      authenticate: waiting(pipe.authenticate.oldestAt),
      decide: waiting(pipe.decide.oldestAt),
      act: waiting(pipe.act.oldestAt),
    },
    parkedEffects: pipe.act.parked,
    lastMailAt: pipe.lastMailAt?.toISOString() ?? null,
  };
}

export const getAlive = endpoint({
  method: 'GET',
  path: '/healthz',
  tag: 'Health',
  summary: 'The process lives',
  description: 'Says nothing about what it needs; that is /readyz.',
  answer: alive,
  handle: async () => ({ body: { status: 'ok' } }),
});

export const getReadiness = endpoint({
  method: 'GET',
  path: '/readyz',
  tag: 'Health',
  summary: 'Whether database, its schema, doorbell and listeners of this process work',
  description: 'Mailboxes and a hold are told, but do not decide.',
  answer: readiness,
  errors: [{ status: 503, description: 'Something that it needs does not work.', schema: readiness }],
  async handle(deps) {
    const body = await checkReadiness(deps);
    return { status: body.ready ? 200 : 503, body };
  },
});
