import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { seedScene } from '../console/seed.ts';
import { startTestConsole } from '../console/startTestConsole.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

/** What Prometheus takes as a file of rules, as far as ours goes; no promtool is at hand to ask. */
const rulesFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Rootdesk[A-Z][A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string().regex(/\.$/) }),
        }),
      ),
    }),
  ),
});

let fresh: FreshDatabase;
let pages: Awaited<ReturnType<typeof startTestConsole>>;
beforeAll(async () => {
  fresh = await freshDatabase();
  await seedScene(fresh);
  pages = await startTestConsole(fresh);
});
afterAll(async () => {
  await pages.close();
  await fresh.drop();
});

it('the example rules can be read, and every metric, label and value in them is one of /metrics', async () => {
  const { groups } = rulesFile.parse(parse(readFileSync('docs/alerts.yml', 'utf8')));
  const rules = groups.flatMap((group) => group.rules);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  const metrics = await (await fetch(new URL('/metrics', pages.url))).text();
  for (const { alert, expr, annotations } of rules) {
    const [, name = '', selector] = /(rootdesk_[a-z_]+)(?:\{([^}]*)\})?/.exec(expr) ?? [];
    const lines = metrics.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    expect(lines.length, `${alert}: ${name} is no metric`).toBeGreaterThan(0);
    if (selector)
      expect(
        lines.some((line) => line.includes(`{${selector}}`)),
        `${alert}: ${selector}`,
      ).toBe(true);
    for (const [, label] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
      expect(
        lines.every((line) => line.includes(`${label}="`)),
        `${alert}: ${label}`,
      ).toBe(true);
    const rest = expr.replace(`${name}${selector ? `{${selector}}` : ''}`, 'm');
    expect(rest, alert).toMatch(/^(?:m|absent\(m\)|increase\(m\[\d+[smh]\]\)) ?(?:(?:>|==) \d+)?$/);
  }
});

it('no rule about mailboxes fires where none is watched', async () => {
  const bare = await freshDatabase();
  const console = await startTestConsole(bare);
  try {
    const metrics = await (await fetch(new URL('/metrics', console.url))).text();
    expect(metrics).toContain('rootdesk_mails_kept_total 0');
    expect(metrics.split('\n').filter((line) => line.startsWith('rootdesk_mailbox_'))).toEqual([]);
  } finally {
    await console.close();
    await bare.drop();
  }
});
