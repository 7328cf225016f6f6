/** メールボックスの一覧。 */
export const mailboxes = {
  title: 'メールボックス',
  everyOne: 'すべて (名前順)',
  onlyTroubled: '対応が必要なもの',
  all: (count: number) => `メールボックス全 ${count.toLocaleString('ja')} 件`,
  troubled: (count: number) => `${count.toLocaleString('ja')} 件に対応が必要です`,
  more: 'さらに 100 件を表示',
  none: '監視しているメールボックスはありません',
  noneHint: '設定にメールボックスを書いて、起動してください。',
  noneTroubled: '対応が必要なメールボックスはありません',
  noneTroubledHint: 'すべて読めており、欠けはありません。',
};
