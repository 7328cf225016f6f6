/** 複数のお客様に届いた、AWS の同じ事象。 */
export const incident = {
  one: 'インシデント',
  many: 'インシデント',
  chip: 'インシデント',
  customers: (count: number) => `お客様 ${count} 社`,
  open: (count: number) => `未解決 ${count} 件`,
  since: '開始',
  about:
    'AWS はこの事象について複数のお客様に連絡しました。チケットはお客様ごとにあり、ほかのお客様の情報は見えません。',
  partOf: '複数のお客様にわたるインシデントの一部です:',
  caption: 'このインシデントのチケット、次に対応するものが先頭',
  state: '状態',
  columns: { matter: '件名', kind: '種類', customers: 'お客様', open: '未解決', last: '最新のメール' },
  none: '複数のお客様にわたる事象はありません',
  noneHint: 'AWS が同じ内容を複数のお客様に送ると、ここに一度だけ表示します。',
  more: '以前のものを表示',
};
