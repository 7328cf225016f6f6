import type { WrapReason } from './copyForm.ts';

/** Words of a wrapped mail. The subject names no word of the mail inside: whoever wrote it would speak in our name. */
export type WrapText = { subject: string; text: string };

const EN: Record<WrapReason, string> = {
  unverified: `Rootdesk could not verify who sent this mail. It may be forged.
Do not follow its links, do not open its attachments, and give no code or password because of it,
unless you are sure by another way that it is real.`,
  unchecked: `Rootdesk could not check in time who sent this mail, because DNS did not answer.
Treat it with care: it is attached as it came.`,
  form: `The sender of this mail was verified, but mail servers would change it on the way,
and its signature would break. So it is attached as it came.`,
  member: `The sender of this mail was verified. Your mail server refuses mail that is sent on
as it is, so it is attached as it came.`,
};

const JA: Record<WrapReason, string> = {
  unverified: `このメールの送信者を確認できませんでした。偽装されたメールの可能性があります。
別の方法で本物だと確認できるまで、リンクや添付ファイルを開かず、
コードやパスワードを入力しないでください。`,
  unchecked: `DNSの応答がなく、このメールの送信者を時間内に確認できませんでした。
受信したままの形で添付しています。注意してお取り扱いください。`,
  form: `このメールの送信者は確認済みですが、そのまま転送すると途中で内容が変わり、
署名が無効になります。そのため、受信したままの形で添付しています。`,
  member: `このメールの送信者は確認済みです。お使いのメールサーバーが転送メールを拒否するため、
受信したままの形で添付しています。`,
};

/** The notice in the language of the customer, else in English. */
export function wrapText(reason: WrapReason, list: string, language: string): WrapText {
  const isDoubtful = reason === 'unverified' || reason === 'unchecked';
  if (language.toLowerCase().startsWith('ja')) {
    return {
      subject: `${isDoubtful ? '[未確認] ' : ''}${list} 宛てのメール`,
      text: `ルートアドレス ${list} にメールが届きました。\n\n${JA[reason]}\n`,
    };
  }
  return {
    subject: `${isDoubtful ? '[Not verified] ' : ''}Mail for ${list}`,
    text: `A mail came to the root address ${list}.\n\n${EN[reason]}\n`,
  };
}
