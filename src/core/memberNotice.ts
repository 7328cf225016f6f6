/** What the other members of a list are told when copies do not reach one of them. */
export type MemberNotice = {
  /** Whom copies do not reach. */
  address: string;
  list: string;
  state: 'bouncing' | 'suspended';
  language: string;
};

/** Subject and text in the language of the customer, else in English. */
export function memberNoticeText({ address, list, state, language }: MemberNotice): { subject: string; text: string } {
  if (language.toLowerCase().startsWith('ja')) {
    const then =
      state === 'suspended'
        ? 'このアドレスへの配信を停止しました。代わりのアドレスを登録してください。'
        : '以降のメールも配信を試みます。メールボックスを直すか、代わりのアドレスを登録してください。';
    return {
      subject: `${address} にメールが届いていません`,
      text: `ルートアドレス ${list} 宛てのメールが、メンバー ${address} に届きませんでした。\n\n${then}\n`,
    };
  }
  const then =
    state === 'suspended'
      ? 'We send this address no more copies. Please name another one.'
      : 'We go on trying every mail. Please mend the mailbox or name another address.';
  return {
    subject: `Mail does not reach ${address}`,
    text: `Mail for the root address ${list} did not reach the member ${address}.\n\n${then}\n`,
  };
}
