import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** The steps of `understand`, each with the files of core whose functions it calls for it. */
const STAGES: Record<string, readonly string[]> = {
  parse: ['parse'],
  sender: ['sender', 'mailTime', 'addressee'],
  kind: ['subjectForm', 'signals', 'judgeKind', 'urgency'],
  redact: ['redact', 'cleanText', 'safeMessageId'],
  facts: ['factTexts', 'facts', 'language', 'scanIds', 'scanDates'],
  wording: ['threadKeys', 'ticketWording'],
};
const REST = 'rest';
const COLLECTING = 'garbage collection';

/**
 * Runs `work` under V8's sampling profiler and tells which share of its time each step of `understand` took, the
 * collection of garbage as its own line. The product has no clock inside: the profile is read by who called whom.
 */
export async function sharesOf(work: () => Promise<void>): Promise<Record<string, number>> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    return shares(profile);
  } finally {
    session.disconnect();
  }
}

function shares(profile: Profiler.Profile): Record<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const own = new Map<number, number>();
  profile.samples?.forEach((id, at) => {
    own.set(id, (own.get(id) ?? 0) + Math.max(0, profile.timeDeltas?.[at] ?? 0));
  });
  const times: Record<string, number> = Object.fromEntries(
    [...Object.keys(STAGES), REST, COLLECTING].map((stage) => [stage, 0]),
  );
  const add = (stage: string, id: number): void => {
    times[stage]! += own.get(id) ?? 0;
    for (const child of nodes.get(id)?.children ?? []) add(stage, child);
  };
  const look = (id: number): void => {
    const node = nodes.get(id)!;
    const { functionName } = node.callFrame;
    if (functionName === '(garbage collector)') add(COLLECTING, id);
    else if (fileOf(node) === 'understand') {
      times[REST]! += own.get(id) ?? 0;
      for (const child of node.children ?? []) {
        const file = fileOf(nodes.get(child)!);
        if (file === 'understand') look(child);
        else add(Object.keys(STAGES).find((stage) => STAGES[stage]!.includes(file)) ?? REST, child);
      }
    } else for (const child of node.children ?? []) look(child);
  };
  look(profile.nodes[0]!.id);
  const total = Object.values(times).reduce((sum, time) => sum + time, 0);
  return Object.fromEntries(Object.entries(times).map(([stage, time]) => [stage, time / total]));
}

/** Name of the file of core that a function stands in, '' for others. */
function fileOf(node: Profiler.ProfileNode): string {
  return /\/src\/core\/(\w+)\.ts$/.exec(node.callFrame.url)?.[1] ?? '';
}
