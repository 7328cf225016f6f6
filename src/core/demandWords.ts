/**
 * How somebody who wants something for himself words it, in the languages that root mail comes in: an act, and what it is
 * done with, within one sentence. Text is in lower case with width folded (`foldPhrase`). Every gap is bounded, and a
 * sentence has an end, so no text makes these slow.
 */

const words = (alternatives: string) => `(?<![\\p{L}\\p{N}])(?:${alternatives})`;
/** An act and its object, in this order, at most 60 characters between them. */
const then = (act: string, object: string) => `${words(act)}[^]{0,60}?${words(object)}`;
/** In Japanese, Korean and Chinese the object stands before the act and words are not spaced. */
const eastThen = (object: string, act: string) => `(?:${object})[^]{0,30}?(?:${act})`;
const any = (...sources: string[]) => new RegExp(sources.join('|'), 'u');

const HAND =
  'send|reply|answer|respond|provide|give|share|forward|submit|tell|text|email|e-mail|mail|write|read|enter|type|supply|return|upload|hand over|state|list|dictate|pass on|let (?:me|us) have|get (?:me|us|back)|what is|have|senden|schick|antwort|mitteil|teil|nenn|geben|gib|übermittl|bestätig|envoy|renvoy|répond|communiqu|fourni|donne|transmett|indiqu|envi|envíe|proporcion|facilit|compart|remit|mande|respond|forne|informe|invi|rispond|comunic';
const SECRET =
  "passwords?|passcodes?|passphrase|codes?|otp|one[- ]time|pin(?![\\p{L}])|mfa|seeds?(?![\\p{L}])|\\d[ -]?digits?|digits|(?:the|your) card|number from|(?:sign|log)-?in number|papers|secret|access keys?|private key|keys|credentials|login details|sign-in details|recovery|card (?:number|details)|credit card|cvv|bank (?:details|account|statement)|iban|passport|identity (?:card|document)|id card|photo id|driving licen[cs]e|driver'?s licen[cs]e|tax id|passwort|kennwort|zugangsdaten|anmeldedaten|sicherheitscode|ausweis|kreditkarte|bankverbindung|mot de passe|identifiants|clés? d'accès|pièce d'identité|coordonnées bancaires|carte bancaire|passeport|contraseña|código|credenciales|claves?|tarjeta|documento de identidad|senha|credenciais|chave|cartão|codice|credenziali|chiave|documento d'identità";
const SECRET_EAST =
  'パスワード|認証コード|確認コード|セキュリティコード|ワンタイム|暗証番号|桁のコード|桁の番号|アクセスキー|シークレット|秘密鍵|ログイン情報|認証情報|カード番号|カード情報|身分証|免許証|パスポート|口座|비밀번호|인증 ?코드|인증 ?번호|액세스 키|자격 증명|신분증|카드 번호|계좌|密码|验证码|密钥|凭证|身份证|银行卡|密碼|驗證碼';
const HAND_EAST =
  '返信|お知らせ|教えて|お送り|送付|送って|送信|入力|提示|提供|記入|ご連絡|共有|アップロード|回答|회신|보내|알려|전달|입력|제출|답장|제공|回复|发送|发给|提供|告知|提交|回覆|發送';

const MFA =
  'mfa|device|authenticator|passkey|yubikey|second step|multi-?factor|two-?factor|2fa|second factor|cloudtrail|guardduty|security hub|logging|firewall';
const OFF =
  'disable|turn off|switch off|deactivate|remove|suspend|pause|stop|delete|deaktivieren|abschalten|ausschalten|entfernen|schalten sie|désactivez|desactive|disattivi';
const GRANT =
  'add|create|grant|give|attach|invite|allow|accept|approve|assume|authori[sz]e|enable|make|set up|register|consent|hinzufügen|erteilen|ajoutez|accordez|añada|conceda';
const GRANTED =
  'administrators?|administratoraccess|admin access|full access|role|trust policy|handshake|permissions?|our (?:user|account|key|principal|organi[sz]ation|partner)|as (?:an? )?(?:owner|admin)|iam user|support user|administratorrechte|administrateur|administrador';
const CHANGE = 'change|set|update|replace|move|switch|register|edit|point';
const CONTACT =
  'root e-?mail|root address|root contact|e-?mail (?:address )?of (?:the |your )?(?:root|account)|alternate contact|contact (?:e-?mail|address)|recovery (?:e-?mail|address|phone)|name ?servers?|mx record';
const PAY =
  'transfer|wire|remit|pay|settle|deposit|send|make|clear|überweisen|begleichen|bezahlen|payez|réglez|virez|pague|transfiera|abone';
const PAID =
  'bank|iban|account number|account of|amount|balance|fee|sum|payment|invoice|crypto|bitcoin|btc|wallet|gift cards?|charges|betrag|rechnung|gebühr|montant|facture|importe|factura';
const RUN = 'run|execute|paste|deploy|launch|install|apply|upload|download|starten|installieren|exécutez|ejecute';
const RUNNABLE =
  'commands?|scripts?|stack|template|cloudshell|terminal|agent|tool|package|software|extension|program|remote';
const CHECK =
  'confirm|verify|validate|prove|re-?validate|bestätigen|verifizieren|confirmez|vérifiez|confirme|verifique';
const CHECKED =
  'your|yourself|the (?:account|identity|ownership|owner|contact|details)|identity|ownership|that you|ihre?|votre|vos|sus?|tus?';
const FILE =
  'attach(?:ed|ment)|enclosed|qr|scan|anhang|beigefügt|anbei|angehängt|pièce jointe|ci-joint|adjunto|em anexo|allegato';

/** What is wanted, by sort. */
export const DEMANDS = {
  /** To be handed a password, code, key, card or paper of identity. */
  secret: any(
    then(HAND, SECRET),
    eastThen(SECRET_EAST, HAND_EAST),
    then('need|require|want|collect|await|wait(?:ing)? for|expect|benötig|brauch', SECRET),
  ),
  /** That what guards the account is switched off. */
  weaken: any(
    then(OFF, MFA),
    eastThen(
      'mfa|多要素認証|二段階認証|二要素|다단계|多因素|双重',
      '無効|解除|オフ|停止して|削除|해제|비활성|关闭|禁用|停用',
    ),
  ),
  /** To be let in. */
  grant: any(
    then(GRANT, GRANTED),
    eastThen(
      '管理者|ロール|アクセス権|権限|当社のユーザー|관리자|권한|管理员|权限',
      '付与|追加|作成|許可|부여|추가|授予|添加',
    ),
  ),
  /** That what AWS writes goes to somebody else from now on. */
  contact: any(
    then(CHANGE, CONTACT),
    eastThen('ルート(?:ユーザー)?の?メール|連絡先|루트 ?이메일|연락처|根邮箱|联系', '変更|更新|변경|更改|变更'),
  ),
  /** Money. */
  pay: any(
    then(PAY, PAID),
    eastThen(
      '振込|振り込み|お支払い|送金|入金|송금|입금|결제|납부|汇款|付款|支付|转账',
      'ください|お願い|下さい|주시|해 ?주|바랍니다|请|至',
    ),
  ),
  /** Something of his to be run on the reader's side. */
  run: any(
    then(RUN, RUNNABLE),
    eastThen(
      'コマンド|スクリプト|テンプレート|ソフト|스크립트|명령|脚本|命令',
      '実行|インストール|適用|デプロイ|실행|설치|运行|安装',
    ),
  ),
  /** That somebody proves who he is. */
  check: any(
    then(CHECK, CHECKED),
    eastThen(
      '本人|お客様の?情報|所有者|アカウント|ご?登録内容|본인|신원|계정|身份|账户',
      '確認(?:が必要|を?お願い|して|のお?手続|を完了)|認証(?:が必要|を?お願い|して|を完了)|인증|확인해|验证|确认',
    ),
  ),
} as const;

export type DemandName = keyof typeof DEMANDS | 'reply' | 'file' | 'machine';

/** A secret that another sentence names is to be handed over. */
export const HAND_IT = any(
  `${words('send|forward|read|tell|give|get|text|pass|share|mail|email|type|enter')} (?:(?:me|us|to me|to us) )?(?:it|them|this|that|those|these|both)(?![\\p{L}])`,
  'それを(?:お?送|お?知らせ|教えて|返信)|届いた(?:番号|コード|もの)',
);
export const SECRET_NAMED = any(words(SECRET), SECRET_EAST);

/** An answer is asked for. */
export const REPLY = any(
  words(
    'reply|respond|answer|write back|get back|contact us|let us know|(?:call|phone|dial|ring) (?:us|me|our|the|this|now|back|immediately|toll)|reach (?:us|out)|antworten|melden sie|kontaktieren|répond|contactez|respond[ae]|contacte|contatti|entre em contato',
  ),
  '返信|ご連絡|ご回答|お電話|회신|답장|연락|전화|回复|联系|致电',
);

/** A file that came with it is to be opened or read with a telephone. */
export const FILE_ACT = any(words(FILE), '添付|qrコード|첨부|附件|二维码');

/** What is said to happen otherwise, or to have happened. */
export const THREAT = any(
  '(?<![\\p{L}])(?:suspen(?:d|sion)|clos(?:e[ds]|ing|ure)(?![\\p{L}])|(?:to|we|be) close|close (?:on|by|at|in|within|today|tomorrow)|will stop|stop working|out of date|irregular|unusual|terminat|block(?:ed)?(?![\\p{L}])|limited|restrict|deactivat|disabled|delet(?:ed|ion)|locked|interrupt|stopped|cancel+ed|erased|paused|revoked|removed|lose |los(?:s|t) |overdue|past due|unpaid|on hold|expire|final notice|unauthori[sz]ed|compromised|hacked|under review|penalt|legal action|shut down|refund|overcharge|non-?complian)',
  '停止|凍結|閉鎖|制限|削除|ロック|利用できなく|失効|未払い|不正|正지|정지|차단|중지|해지|삭제|제한|만료|미납|停用|冻结|暂停|关闭|限制|终止|欠费',
  '(?<![\\p{L}])(?:gesperrt|sperrung|geschlossen|gekündigt|eingeschränkt|deaktiviert|gelöscht|abgelaufen|überfällig|suspendu|fermé|bloqué|désactivé|supprimé|résilié|impayé|suspendid|cerrad|bloquead|desactivad|cancelad|eliminad|suspens|encerrad|bloquead|sospes|chius|bloccat)',
);

/** What only somebody writes who counts on a program that reads. */
export const MACHINE = any(
  '(?<![\\p{L}])(?:ignore|disregard|forget|override) (?:all |any |the |your )*(?:previous|prior|above|earlier|other|system) (?:instructions?|prompts?|rules|messages?)',
  '(?<![\\p{L}])(?:ai|llm|gpt|language model|automated|automatic) (?:assistant|agent|reader|system|model|classifier|triage)s?[^]{0,80}?(?:mark|classify|treat|label|approve|forward|send|open|release|reply|respond|ignore|must|should|verified|authentic)',
  '(?<![\\p{L}])(?:classify|mark|treat|label|categori[sz]e) (?:this|it|the)(?: \\S{1,20}){0,4} as (?:\\S{1,20} ){0,2}(?:authentic|genuine|safe|trusted|verified|legitimate|proven|critical)',
  '(?<![\\p{L}])you are (?:an? |the )(?:\\S{1,20} )?(?:ai|assistant|bot|language model|classifier)(?![\\p{L}])',
  '(?<![\\p{L}])(?:do not|never|must not|are never|is never|not be) (?:be )?(?:quarantined?|held|flagg?(?:ed)?)(?![\\p{L}])',
  '以前の指示を?(?:すべて)?無視|これまでの指示|이전 지시|忽略(?:之前|以上|所有)的?指令',
);

/** Told not to: "AWS will never ask for your password". */
export const TOLD_NOT =
  /(?<![\p{L}])(?<!if (?:you|this|it|we|nobody) )(?:never|do not|don't|does not|doesn't|did not|didn't|won't|will not|cannot|niemals|nicht|jamais|nunca)(?![\p{L}])/u;

/** A warning of lures. */
export const WARNS =
  /(?<![\p{L}])(?:never|do not|don't) (?:\S{1,20} ){0,2}?(?:ask|send|share|give|click|tell|reply|answer|open|trust|enter)/u;
