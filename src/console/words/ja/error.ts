/** エラー。 */
export const error = {
  notFoundTitle: 'このページはありません',
  notFoundText: 'アドレスが間違っているか、その先にあるものは存在しません。',
  wrongTitle: 'このアドレスは読み取れません',
  ourTitle: 'このページを作れませんでした',
  ourText: '原因はこちら側にあります。失われたものも、変更されたものもありません。',
  databaseTitle: 'データベースが応答しません',
  databaseText: 'その間に届くメールには受領を返さず、送信元が再送します。失われるものはありません。',
  changeText: '変更は保存されていません。戻ってもう一度お試しください。',
  back: '戻る',
  home: 'キューへ',
  quote: (id: string) => `お問い合わせの際は ${id} をお伝えください。ログにも残っています。`,
};
