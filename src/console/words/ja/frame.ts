/** ページの枠、時刻とサイズ。 */
export const frame = {
  lang: 'ja',
  product: 'Rootdesk',
  times: {
    locale: 'ja-JP',
    today: '今日',
    units: { second: '秒', minute: '分', hour: '時間', day: '日' },
    gap: '',
    dayAndClock: ' ',
  },
  listJoin: '、',
  skipToMain: '本文へ移動',
  menu: 'メニュー',
  language: { label: '言語', en: 'English', ja: '日本語' },
  nav: {
    label: 'メイン',
    queues: 'キュー',
    open: '対応中',
    waiting: '待機中',
    solved: '解決済み',
    review: '確認',
    quarantine: '隔離',
    parked: '保留',
    unrouted: '宛先不明',
    mails: 'すべてのメール',
    paths: '経路',
    health: '状態',
    customers: 'お客様',
    sink: '送信した通知',
    demo: 'デモ',
    queue: 'キュー',
    times: (zone: string) => `時刻は ${zone}`,
    noSignIn: 'この端末のみ',
    demoFolder: '架空のメールによるデモ',
  },
  worst: {
    down: (count: number) => `${count} 件停止`,
    deciding: (span: string) => `${span}遅れ`,
    effects: (count: number) => `${count} 件断念`,
  },
  bytes: (size: number) =>
    size < 1024
      ? `${size} B`
      : size < 1024 * 1024
        ? `${Math.round(size / 1024)} KB`
        : `${(size / 1024 / 1024).toFixed(1)} MB`,
  keys: {
    label: 'キー',
    move: '移動',
    open: '開く',
    back: '戻る',
    why: '理由: メールの経緯',
    solve: '解決',
    neighbours: '次、前のチケット',
    goto: 'キュー、隔離、状態',
    off: 'キー操作を無効にする',
    on: 'キー操作を有効にする',
  },
};
