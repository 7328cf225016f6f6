import { meets, type Sight } from './judgeKind.ts';
import type { Kind, KindBook } from './kindBook.ts';
import type { Deadline, Reason, Urgency } from './values.ts';

export type UrgencyVerdict = { urgency: Urgency; actionRequired: boolean; resolves: boolean; reasons: Reason[] };

/** How urgent a mail is by its kind, its words and the time left from the mail's own time to its deadline. */
export function judgeUrgency(
  kind: Kind,
  sight: Sight,
  deadline: Deadline | null,
  mailTime: string,
  book: KindBook,
): UrgencyVerdict {
  const reasons: Reason[] = [];
  const days =
    deadline === null
      ? null
      : (Date.parse(deadline.at ?? `${deadline.date}T23:59:59Z`) - Date.parse(mailTime)) / 86_400_000;
  const no = kind.no === null ? null : meets(sight, kind.no, book);
  const yes = kind.yes === null ? null : meets(sight, kind.yes, book);
  const actionRequired = no !== null ? false : kind.actionRequired || yes !== null;
  const over = kind.resolvesWhen === null ? null : meets(sight, kind.resolvesWhen, book);
  const resolves = kind.resolves === true || over !== null;
  if (over !== null) reasons.push({ code: 'kind.resolves', text: `It ends the matter (${over}).` });
  for (const rule of kind.urgencyRules) {
    const near = rule.daysLeft === null ? null : days !== null && days <= rule.daysLeft;
    const met = rule.when === null ? null : meets(sight, rule.when, book);
    if (near === false || (rule.when !== null && met === null)) continue;
    const why = [met, near ? `${rule.daysLeft} days or less to ${deadline!.date}` : null].filter((one) => one !== null);
    reasons.push({ code: 'urgency.rule', text: `Urgency ${rule.to}: ${why.join(', ')}.` });
    return { urgency: rule.to, actionRequired, resolves, reasons };
  }
  return { urgency: kind.urgency, actionRequired, resolves, reasons };
}
