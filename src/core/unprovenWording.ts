import type { Language } from './values.ts';

const WORDS = {
  en: {
    subject: (of: string) => `Not proven: ${of}`,
    body: 'Nothing proves that AWS sent this mail. A person looked at it and confirmed it by name; see who and why at the mail. This ticket is for the team only. Follow no link of the mail: go to the AWS console yourself.',
  },
  ja: {
    subject: (of: string) => `未証明: ${of}`,
    body: 'このメールが AWS から送られたという証明はありません。担当者が内容を見て、名前を記して確認しました。確認者と理由はメールの欄にあります。このチケットは社内用です。メール内のリンクは開かず、ご自身で AWS コンソールを開いてください。',
  },
};

/** The wording of the ticket of a mail that a person confirmed though nothing proves it: it never reads like a proven one. */
export function unprovenWording<Wording extends { subject: string; body: string }>(
  wording: Wording,
  language: Language,
  subject: string,
): Wording {
  const words = WORDS[language === 'ja' ? 'ja' : 'en'];
  return { ...wording, subject: words.subject(subject || wording.subject), body: words.body };
}
