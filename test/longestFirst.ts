import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Seconds of the long test files, as measured on two cores. Without them the order is that of file sizes on a machine that
 * never ran the tests, and the longest files, which are short to read, ran alone at the end. A file that is missing here
 * costs time and nothing else.
 */
const SECONDS: Record<string, number> = {
  'drills/crash': 190,
  'console/proof': 168,
  'console/access': 144,
  'console/pages': 85,
  'store/embedded': 68,
  'decide/acts': 63,
  'stories/list': 61,
  'drills/flow': 60,
  'decide/replay': 56,
  'members/command': 51,
  'public/pages': 40,
  'receive/mailboxOauth': 38,
  'receive/mailboxPause': 37,
  'drills/copies': 35,
  'decide/deciding': 35,
  'console/bulk': 35,
  'kinds/bothRoads': 34,
  'drills/mailboxLeases': 34,
  'receive/postfixDocumented': 32,
  'console/review': 31,
  'console/incidentRows': 30,
  'decide/replayBeside': 28,
  'public/access': 27,
  'act/notices': 27,
  'queue/bell': 22,
  'house/testCommand': 22,
  'console/live': 21,
  'store/embeddedUsers': 20,
  'console/preferences': 19,
  'console/xss': 19,
  'receive/catchAll': 16,
  'stories/pathProbe': 16,
  'stories/restored': 30,
  'store/restore': 25,
  'deliver/mailboxBounces': 16,
  'receive/importCrash': 15,
  'receive/imap': 14,
  'console/timeline': 14,
};

/** Begins with the files that take longest, so that no long one runs alone at the end; the others by size, as usual. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const seconds = ({ moduleId }: TestSpecification) =>
      SECONDS[relative(`${root}/test`, moduleId).replace(/\.test\.ts$/, '')] ?? 0;
    const others = await super.sort(files.filter((file) => seconds(file) === 0));
    const long = files.filter((file) => seconds(file) > 0).toSorted((a, b) => seconds(b) - seconds(a));
    return [...long, ...others];
  }
}
