import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { DIGEST_SAMPLE, type DigestView } from './digestView.ts';
import { MEMBER_SAMPLE, type MemberView } from './memberView.ts';
import { type NoticeView, SAMPLE_VIEW } from './noticeView.ts';
import { createTemplateEngine, TEMPLATE_BYTES, type TemplateEngine, type TemplatePart } from './templateEngine.ts';

export type RenderedNotice = { subject: string; text: string; html: string };

/** Mails to members and approvers. Plain text only: where a link gives power, it is seen where it leads. */
export type MemberMail = 'approve' | 'confirm' | 'acknowledge' | 'manage' | 'change';

export type Templates = {
  /** The mail that tells of an urgent ticket, in the language or else in English. Never throws. */
  urgentTicket(view: NoticeView, language: string): RenderedNotice;
  /** The mail that names several urgent tickets. Never throws. */
  urgentDigest(view: DigestView, language: string): Omit<RenderedNotice, 'html'>;
  /** A mail to a member or approver, in the language or else in English. Never throws. */
  memberMail(mail: MemberMail, view: MemberView, language: string): Omit<RenderedNotice, 'html'>;
  /** Templates of the operator that failed and are replaced by the shipped ones: for doctor and the health page. */
  readonly problems: { file: string; error: string }[];
};

const LANGUAGES = ['en', 'ja'] as const;
type Language = (typeof LANGUAGES)[number];

/** The mails that there are: their parts, and what each is rendered with once at start. */
const MAILS: Record<string, { parts: readonly TemplatePart[]; sample: object }> = {
  'urgent-ticket': { parts: ['subject', 'text', 'html'], sample: SAMPLE_VIEW },
  'urgent-digest': { parts: ['subject', 'text'], sample: DIGEST_SAMPLE },
  'member-approve': { parts: ['subject', 'text'], sample: MEMBER_SAMPLE },
  'member-confirm': { parts: ['subject', 'text'], sample: MEMBER_SAMPLE },
  'member-acknowledge': { parts: ['subject', 'text'], sample: MEMBER_SAMPLE },
  'member-manage': { parts: ['subject', 'text'], sample: MEMBER_SAMPLE },
  'member-change': { parts: ['subject', 'text'], sample: MEMBER_SAMPLE },
};

type MailFile = { file: string; part: TemplatePart; sample: object };
const FILES: readonly MailFile[] = Object.entries(MAILS).flatMap(([mail, { parts, sample }]) =>
  LANGUAGES.flatMap((language) => parts.map((part) => ({ file: fileName(mail, language, part), part, sample }))),
);

/**
 * Reads `mail/*.liquid` of the shipped folder and of the operator's own, whose files go before the shipped ones of the same
 * name, and renders every one once with a sample. One that fails, now or later, is replaced by the shipped one with an
 * alert in the log. Throws RootdeskError only when a shipped one fails.
 */
export function loadTemplates(options: { templatesDir: string | null; shippedDir: string; log: Log }): Templates {
  const { templatesDir, shippedDir, log } = options;
  const shippedFiles = readFolder(join(shippedDir, 'mail'));
  const shipped = createTemplateEngine(shippedFiles);
  for (const mailFile of FILES) checkShipped(shipped, mailFile);
  const problems: Templates['problems'] = [];
  const alert = (file: string, error: unknown) => {
    const text = messageOf(error).slice(0, 300);
    if (!problems.some((problem) => problem.file === file)) problems.push({ file, error: text });
    log.error({ file, error: text }, 'ALERT a mail template fails; the shipped one is used instead');
  };
  const own = templatesDir === null ? null : readOwn(join(templatesDir, 'mail'), shippedFiles, alert);
  const sound = new Set<string>();
  for (const { file, part, sample } of own === null ? [] : FILES) {
    try {
      own?.render(file, part, sample);
      sound.add(file);
    } catch (error) {
      alert(file, error);
    }
  }

  function render(mail: string, language: string, part: TemplatePart, view: object): string {
    const known = LANGUAGES.find((one) => one === language.slice(0, 2).toLowerCase()) ?? 'en';
    const file = fileName(mail, known, part);
    if (own !== null && sound.has(file)) {
      try {
        return own.render(file, part, view);
      } catch (error) {
        sound.delete(file);
        alert(file, error);
      }
    }
    return shipped.render(file, part, view);
  }

  return {
    urgentTicket: (view, language) => ({
      subject: render('urgent-ticket', language, 'subject', view),
      text: render('urgent-ticket', language, 'text', view),
      html: render('urgent-ticket', language, 'html', view),
    }),
    urgentDigest: (view, language) => ({
      subject: render('urgent-digest', language, 'subject', view),
      text: render('urgent-digest', language, 'text', view),
    }),
    memberMail: (mail, view, language) => ({
      subject: render(`member-${mail}`, language, 'subject', view),
      text: render(`member-${mail}`, language, 'text', view),
    }),
    problems,
  };
}

function fileName(mail: string, language: Language, part: TemplatePart): string {
  return `${mail}.${language}.${part}.liquid`;
}

function checkShipped(engine: TemplateEngine, { file, part, sample }: MailFile): void {
  try {
    engine.render(file, part, sample);
  } catch (error) {
    throw new RootdeskError(
      'templates.shipped',
      `the shipped template ${file} fails: ${messageOf(error)}`,
      'restore templates/mail from the release; your own go into templatesDir',
      { exitCode: EXIT.config, cause: error },
    );
  }
}

/** The operator's files over the shipped ones, or null when the folder has none that can be read. */
function readOwn(
  folder: string,
  shippedFiles: ReadonlyMap<string, string>,
  alert: (file: string, error: unknown) => void,
): TemplateEngine | null {
  try {
    const files = readFolder(folder, alert);
    return files.size === 0 ? null : createTemplateEngine(new Map([...shippedFiles, ...files]));
  } catch (error) {
    // A folder with other templates but none for mail is no mistake; one that is not there is.
    if ((error as { code?: string }).code !== 'ENOENT' || !existsSync(dirname(folder))) alert('mail/', error);
    return null;
  }
}

/** The `*.liquid` files of a folder: plain files only (a link could lead anywhere), bounded, UTF-8. */
function readFolder(folder: string, alert?: (file: string, error: unknown) => void): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.liquid'))) {
    try {
      const found = lstatSync(join(folder, name));
      if (!found.isFile()) throw new Error('it is not a plain file');
      if (found.size > TEMPLATE_BYTES) throw new Error(`it is larger than ${TEMPLATE_BYTES} bytes`);
      files.set(name, new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(folder, name))));
    } catch (error) {
      if (!alert) throw error;
      alert(name, error);
    }
  }
  return files;
}
