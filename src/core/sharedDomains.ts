/** Domains that anybody gets an address in: one there proves a person, never a company. */
export const SHARED = new Set(
  'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.jp ymail.com icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.com web.de t-online.de mail.com mail.ru yandex.com yandex.ru proton.me protonmail.com zoho.com fastmail.com qq.com 163.com 126.com sina.com naver.com daum.net hanmail.net kakao.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp nifty.com orange.fr free.fr laposte.net libero.it hey.com tutanota.com'.split(
    ' ',
  ),
);
