/**
 * How somebody asks for what opens or guards an account, in a form that only a request has: "could you read me the code",
 * not "we sent a code". Held against whoever is not known, whatever else he writes: a greeting by name, a question and "our
 * account" cost a liar nothing. Text is in lower case with width folded; every gap is bounded, so no text makes these slow.
 */

const any = (...sources: string[]) => new RegExp(sources.join('|'), 'u');

/** Before a verb whose doer is not the reader: "we send", "AWS will send", "asked to send" (but "you to send"). */
const NOT_ASKED =
  "(?<!(?<![\\p{L}])(?:we|i|they|he|she|it|aws|amazon|system|team|who|which|that|will|'ll|would|may|might|can|could|must|should|did|does|not|n't|never|is|are|was|were|been|be|a|an|the|this|our|my|your|per|via|by|(?<!you )to) (?:also |only |then |now |always )?)(?<![\\p{L}\\p{N}'/@.-])";
const HAND =
  'send|reply|answer|respond|tell|give|share|forward|text|read|e-?mail|mail|dictate|pass|provide|supply|hand|quote|relay|screenshot';
const DEED =
  'verification|confirmation|security|sign-?in|log-?in|activation|approval|access|reset|recovery|unlock|authentication';
/** What opens an account by being known. */
const KEY = `(?<![\\p{L}\\p{N}])(?:passwords?|passcodes?|passphrases?|(?<!(?:source|zip|post|postal|area|country|promo|discount|coupon|voucher|error|status|project|dress|swift|bank|vat|qr|colou?r|morse|cost) )codes?(?![\\p{L}])(?! (?:review|of conduct|base|repo|changes?|samples?|snippets?|freeze|quality|(?:for|of|in) (?:the |our |your )?(?:lambda|function|module|app|script|template|repo|pipeline)))|otp|one[- ]time|pin(?![\\p{L}])|(?:\\d|four|six|eight)[ -]?(?:digits?|numbers)|digits|(?:${DEED}) (?:number|link|e-?mail|mail|message|value|url)|(?:number|value|what)(?: is| it)? (?:shown |displayed )?(?:from|on|in|by|that appears in|you see in) (?:the|your) (?:authenticator|app|screen|token|device|phone|text)|(?:mfa|totp|2fa) (?:code|token|seed|number|value|secret)|(?:secret|access|private|recovery|backup) (?:access )?keys?|credentials|(?:log-?in|sign-?in) details|password reset)`;
const KEY_EAST =
  'パスワード|(?:認証|確認|検証|ワンタイム|セキュリティ|ログイン)(?:用)?の?(?:コード|番号|キー|リンク|url|メール)|ワンタイム|暗証番号|桁の(?:コード|番号|数字)|アクセスキー|シークレット|秘密鍵|ログイン情報|認証情報|(?:リセット|再設定)(?:用)?の?(?:リンク|url|メール)|비밀번호|인증 ?(?:코드|번호)|보안 ?코드|일회용|액세스 키|密码|验证码|密钥|密碼|驗證碼';
const HAND_EAST =
  '返信|返答|お?知らせ|教え|お?送り|送付|送って|転送|提供|ご?連絡|共有|読み上げ|伝え|控え|회신|보내|알려|전달|답장|전송|回复|发送|发给|转发|告知|告诉|回覆|發送';
const ASKED_EAST =
  'ください|下さい|お願い|いただ|頂|ほしい|欲しい|もらえ|くれ|주세요|주시|바랍니다|부탁|请|麻烦|給我|给我';
const TO_WRITER =
  '(?:to (?:me|us|this (?:address|mail|number|thread))|back|here|over|on|across|in (?:your )?(?:reply|answer)|by (?:reply|return|text|chat)|(?:through|via) (?:whatsapp|signal|teams|slack|text|sms))(?![\\p{L}])';

/** To be handed what opens an account: a code, a password, a link of a reset. Per sentence. */
const WANTS_KEY = any(
  `${NOT_ASKED}(?:${HAND})(?![\\p{L}])[^]{0,60}?${KEY}`,
  `(?<![\\p{L}])(?:screenshot|photo|picture|copy|scan)s? of [^]{0,60}?${KEY}`,
  `(?<![\\p{L}])what (?:is|was|does|did)[^]{0,20}?(?:${KEY})[^]{0,30}?(?:you |it |that |just )?(?:got|get|received|say|came|arrived|in the mail)`,
  `(?<![\\p{L}])(?:i|we)(?:'ll| will| would| do)?(?: also| only| just| still| then)? (?:need|require|want|await|expect)(?! to (?:reset|change|know|set|update|renew))[^]{0,30}?${KEY}[^]{0,60}?(?:from you|you (?:get|got|receive|see)|sent to|in (?:the|this|your) (?:mail|inbox)|arriv)`,
  `(?:${KEY_EAST})[^。]{0,40}?(?:${HAND_EAST})[^。]{0,20}?(?:${ASKED_EAST})`,
  `请(?:您)?(?:将|把)?[^。]{0,20}?(?:密码|验证码|密钥)[^。]{0,20}?(?:回复|发送|发给|告知|告诉)`,
);
/** The same of what the sentence only points at; another one names it. */
export const WANTS_IT = any(
  `${NOT_ASKED}(?:${HAND}|copy|paste)(?![\\p{L}]) (?:(?:me|us) )?(?:it|them|this|that|those|these|the (?:mail|e-?mail|message|text|link|number|digits|contents?))(?: \\S{1,15}){0,2}? ${TO_WRITER}`,
  `${NOT_ASKED}(?:${HAND})(?![\\p{L}]) (?:me|us) (?:it|them|this|that|those|these|what|the (?:mail|e-?mail|message|text|link|number|digits|contents?))(?![\\p{L}])`,
  '(?<![\\p{L}])(?:reply|answer|respond|get back|come back|write back)(?: to (?:me|us|this \\S{1,12}))? with (?:it|them|this|that|those|these|the (?:number|digits|contents?))(?![\\p{L}])',
  '(?:届いた|届く|表示された|表示される|それ)(?:を|もの|メール|番号|内容|数字)[^。]{0,20}?(?:返信|教え|送|転送|知らせ|共有)[^。]{0,20}?(?:ください|下さい|お願い|いただ|ほしい|もらえ)',
);
export const NAMES_KEY = any(KEY, KEY_EAST);
/** In languages whose verbs stand far from their objects: all three within a sentence. */
const FAR = [
  /(?<![\p{L}])(?:bitte|könn(?:t|en|ten|test)|kannst|würden|brauche|benötige)|(?<![\p{L}])(?:veuillez|merci de|pou(?:vez|rriez)-vous|peux-tu|pourrais-tu|besoin)|(?<![\p{L}])(?:por favor|podr?[íi]a[ns]?|puede[ns]?|necesit|envíe|favor de|pode(?:ria|m)?|preciso)|(?<![\p{L}])(?:per favore|può|potrebbe|la preghiamo|si prega|ho bisogno)/u,
  /send|schick|weiterleit|mitteil|teilen sie|nennen|übermitt|(?<![\p{L}])(?:gib|geben|zukommen|antwort)|envoy|communiqu|transmett|fourni|indiqu|donn(?:er|ez)|répond|env[ií]|proporcion|facilit|compart|remit|mand|respond|forne|inform|encaminh|inoltr|comunic|invi|rispond|fornir/u,
  /(?<![\p{L}])(?:passwort|kennwort|zugangsdaten|anmeldedaten|(?:sicherheits|bestätigungs|zugangs|einmal|anmelde|prüf)?code|zugangsschlüssel|mot de passe|identifiants|codes?|clés? d'accès|contraseña|código|credenciales|claves? de acceso|senha|credenciais|chaves? de acesso|codice|credenziali|chiav[ei] di accesso|(?:mensaje|correo|enlace) de (?:verificación|confirmación|restablecimiento)|(?:lien|message) de (?:réinitialisation|vérification|confirmation)|bestätigungs(?:mail|nachricht|link|nummer)|(?:messaggio|link|e-?mail) di (?:conferma|verifica))(?![\p{L}])/u,
];
const FAR_CONTROL = [
  FAR[0]!,
  /änder|ersetz|umstell|umzieh|entfern|deaktivier|abschalt|ausschalt|zurücksetz|lösch|modifi|chang|remplac|désactiv|supprim|réinitialis|retir|cambi|actualiz|desactiv|elimin|quit[ae]|restablec|alter|remov|disattiv|rimuov|sostitu/u,
  /(?:root|raíz|racine)[\s\S]{0,40}?(?:mail|correo|adresse|dirección|indirizzo)|(?:mail|correo|adresse|dirección|indirizzo)[\s\S]{0,40}?(?:root|raíz|racine)|(?<![\p{L}])(?:mfa|2fa)(?![\p{L}])|zwei-?faktor|zweiten faktor|authenti(?:fi)?[ck]at(?:or|ion à deux)|deux facteurs|segundo factor|dos factores|dois fatores|due fattori/u,
];
/** Whether a sentence wants to be handed what opens an account. */
export function wantsKey(sentence: string): boolean {
  return (NAMES_KEY.test(sentence) && WANTS_KEY.test(sentence)) || FAR.every((part) => part.test(sentence));
}

/** What nobody is to do is no request: the clause goes, up to the next one ("do not tell anybody, and send me the code"). */
const NEGATED =
  /(?<![\p{L}])(?:never|not|(?:do|does|did|wo|ca|should|must)n't|nobody|no one)(?: (?!and |but |then )\S{1,20}){0,3}? (?:ask|request|require|want|need|expect|share|send|give|tell|forward|disclose|reveal|reply|enter|provide|remove|disable|delete|add|change)(?![\p{L}])(?:(?! (?:and|but|then|please) )[^,;:–]){0,200}/gu;
const NEGATED_EAST = /ないで|しません|ありません|いたしません|ないよう|마세요|않습니다|不要|切勿|不会/u;

/** A sentence without what it tells not to do. */
export function withoutNegated(sentence: string): string {
  if (NEGATED_EAST.test(sentence)) return '';
  return sentence.replace(NEGATED, ' ');
}

const GUARD =
  '(?:mfa|multi-?factor|two-?factor|2fa|second factor|two-?step|second step|authenticator|passkey|yubikey|security key|cloudtrail|guardduty|security hub|(?:scp|service control polic))';
/** That what guards an account is taken away. A question how that is done asks for nothing. */
const WANTS_UNGUARDED = any(
  `${NOT_ASKED}(?:disable|turn off|switch off|deactivate|remove|reset|suspend|pause|bypass|lift|delete|take off|drop|unregister)(?![\\p{L}])[^]{0,60}?(?<![\\p{L}\\p{N}])${GUARD}(?![\\p{L}])`,
  '(?:mfa|多要素認証|二段階認証|二要素|認証デバイス)[^。]{0,30}?(?:無効|解除|オフ|停止|削除|リセット)[^。]{0,20}?(?:ください|下さい|お願い|いただ|ほしい|もらえ)',
  '(?:다단계|mfa)[^.]{0,30}?(?:해제|비활성|삭제)[^.]{0,20}?(?:주세요|주시|바랍니다|부탁)|请[^。]{0,30}?(?:关闭|禁用|停用|移除)[^。]{0,20}?(?:mfa|多因素|双重)',
);
/** That somebody is let in who may do everything, or that a device of theirs guards the account from now on. */
const WANTS_IN = any(
  `${NOT_ASKED}(?:add|create|grant|give|attach|make|invite|assign|promote)(?![\\p{L}])[^]{0,60}?(?<![\\p{L}\\p{N}])(?:administrat(?:or|ors|oraccess|ion rights)|admin(?:s| rights| access| role)?|full access|root access|poweruser\\S{0,6}|owner rights)(?![\\p{L}])`,
  `${NOT_ASKED}(?:register|enrol+|add|pair|link|assign)(?![\\p{L}])[^]{0,40}?(?<![\\p{L}\\p{N}])(?:passkey|yubikey|security key|authenticator|(?:mfa|second) device|fido key)(?![\\p{L}])`,
  `${NOT_ASKED}(?:run|execute|paste|enter|copy)(?![\\p{L}])[^]{0,120}?(?:curl|wget|irm|iwr|invoke-webrequest)[^]{0,120}?\\|\\s?(?:sudo )?(?:(?:ba|z)?sh|iex|powershell|python3?)(?![\\p{L}])`,
  `${NOT_ASKED}(?:accept|approve|confirm)(?![\\p{L}])[^]{0,60}?(?<![\\p{L}\\p{N}])(?:handshake|invitation[^]{0,40}?organi[sz]ation|organi[sz]ation[^]{0,20}?invitation)`,
  '(?:管理者(?:権限|アクセス)?|administratoraccess|フルアクセス)[^。]{0,30}?(?:付与|追加|作成|設定|割り当て)[^。]{0,20}?(?:ください|下さい|お願い|いただ|ほしい|もらえ)',
);
const YES = '(?:click|press|tap|approve|accept|confirm|agree|hit|say yes)';
const ONCE = '(?:when|once|as soon as|after|if|the moment)';
const COMES = '(?:arriv|come|came|land|show|appear|get|receiv|there|in your)';
/** That the reader agrees to what AWS is going to ask him. */
const WANTS_YES = any(
  `${NOT_ASKED}${YES}(?![\\p{L}])[^]{0,60}?(?<![\\p{L}])${ONCE}(?![\\p{L}])[^]{0,30}?(?<![\\p{L}])${COMES}`,
  `(?<![\\p{L}])${ONCE}(?![\\p{L}])[^]{0,40}?(?<![\\p{L}])${COMES}[^]{0,40}?${NOT_ASKED}${YES}(?![\\p{L}])`,
  '(?:届き|届い|来)(?:ましたら|たら|次第)[^。]{0,30}?(?:承認|クリック|同意|許可|確認)[^。]{0,15}?(?:ください|下さい|お願い|いただ|ほしい)',
);

/** What control of an account is about; most sentences have none of it. */
const CONTROL =
  /approve|accept|confirm|click|press|tap|agree|(?<![\p{L}])hit|say yes|届|承認|factor|mfa|2fa|step|authenticator|passkey|yubikey|key|trail|guardduty|security hub|scp|polic|root|contact|recovery|server|record|admin|access|poweruser|owner|device|curl|wget|irm|iwr|invoke|handshake|invitation|認証|ルート|管理者|フルアクセス|다단계|多因素|双重|management/u;

/** Whether a sentence wants a guard of an account taken away, its mail led elsewhere, or somebody let in. */
export function wantsControl(sentence: string): boolean {
  if (FAR_CONTROL.every((part) => part.test(sentence))) return true;
  return (
    CONTROL.test(sentence) && [WANTS_UNGUARDED, WANTS_ADDRESS, WANTS_IN, WANTS_YES].some((one) => one.test(sentence))
  );
}

/** That the reader signs in somewhere with what he signs in with at work. */
export const WANTS_SIGN_IN = any(
  '(?<![\\p{L}])(?:sign|log)(?:ging|ing)?[ -]?(?:in|on)(?: \\S{1,12}){0,4}? (?:with|using|through|by) (?:your |the |an? )(?:\\S{1,15} ){0,3}?(?:accounts?|e-?mail|mail|mailbox|password|credentials|microsoft|office|google|work|company|business|root|iam)(?![\\p{L}])',
  '(?:メール|会社|業務|ルート)[^。]{0,20}?(?:アカウント|アドレス|パスワード|ユーザー)[^。]{0,10}?(?:で|にて)[^。]{0,10}?(?:ログイン|サインイン)',
);
/** That mail of the account goes to somebody else from now on. */
const WANTS_ADDRESS = any(
  `${NOT_ASKED}(?:change|set|update|replace|move|switch|register|edit|point|swap|redirect)(?![\\p{L}])[^]{0,60}?(?<![\\p{L}])(?:root (?:user )?(?:e-?mail|address|contact|mail)|(?:e-?mail|address) (?:address )?of (?:the |your |our )?(?:root|management account)|alternate (?:security |billing |operations )?contact|recovery (?:e-?mail|address|phone)|name ?servers|mx records?)`,
  'ルート(?:ユーザー|アカウント)?の?(?:メール|連絡先)[^。]{0,20}?(?:変更|更新|切り替え)[^。]{0,20}?(?:ください|下さい|お願い|いただ|ほしい|もらえ)',
);
/** That money goes to another place than before. */
export const NEW_BANK = any(
  '(?<![\\p{L}])(?:new|changed|updated|different|revised|correct|alternative) (?:\\S{1,15} ){0,2}?(?:bank(?:ing)?|remittance|payment) (?:account|details|information|instructions|coordinates|data)',
  '(?<![\\p{L}])bank(?:ing)? (?:account|details|information|data|relationship)(?: \\S{1,12}){0,3}? (?:has|have|is|are|was|were) (?:\\S{1,12} ){0,2}?(?:chang|updat|mov|differ|replac|clos|frozen|under audit)',
  '(?<![\\p{L}])chang(?:e|ed|es|ing) (?:of |to |in )?(?:our |the |its )?(?:bank|banking|payment|remittance)(?: \\S{1,12})? (?:account|details|information|instructions|data)',
  '(?<![\\p{L}])(?:not|no longer|stop) (?:be )?(?:pay|paying|use|using|used|transfer|wire)[^]{0,30}?(?:old|former|previous|earlier|prior) (?:bank )?account',
  '(?:振込先|お?支払い?先|送金先|口座)[^。]{0,15}?(?:変更|切り替え|新し)|新しい(?:振込先|口座)',
);
/** Money, in the form of a request. */
export const WANTS_MONEY = any(
  `${NOT_ASKED}(?:pay|settle|transfer|wire|remit|deposit|clear)(?![\\p{L}])[^]{0,60}?(?<![\\p{L}])(?:iban|account|amount|balance|fee|sum|payment|invoices?|charges|bitcoin|btc|wallet)(?![\\p{L}])`,
  '(?<![\\p{L}])bitte[^]{0,60}?(?:überweis|begleich|zahl)|(?<![\\p{L}])(?:veuillez|merci de)[^]{0,40}?(?:régler|payer|virer|verser)|(?<![\\p{L}])por favor[^]{0,40}?(?:pag|transfier|abon)',
  '(?:振込|振り込|お?支払|送金|入金)[^。]{0,20}?(?:ください|下さい|お願い)',
);
/** The reader is to be alone with it. */
export const HUSH = any(
  "(?<![\\p{L}])(?:between (?:us|you and me|ourselves|the two of us)|(?:keep|stay)[^]{0,20}?(?:quiet|confidential|private|discreet|to yourself|off the record|secret)|(?:do not|don't|no need to) (?:tell|mention|discuss|involve|copy|inform|loop in|talk)|(?:can't|cannot|can not|unable to|not able to|couldn't) (?:really )?(?:talk|speak|take (?:a )?calls?|call|answer the phone|pick up)|discreet(?:ly)?|strictly confidential|gift cards?)(?![\\p{L}])",
  '内密|他言|口外|内緒|極秘|電話に出られ|電話(?:が|は)できない|비밀로|保密|不要告诉',
);
/** Something is to be done that is not said yet, or whether somebody is there. */
export const FAVOUR = any(
  '(?<![\\p{L}])(?:i|we) (?:also |just |urgently |only )?(?:need|want|would like) (?:you|your help|a (?:\\S{1,12} )?(?:thing|favou?r|hand|task)|some(?:thing|one|body)|this|it)(?![\\p{L}])|(?<![\\p{L}])(?:favou?r|task|errand|are you (?:there|around|available|free|at (?:your|the) desk|in the office|online|busy))(?![\\p{L}])|(?<![\\p{L}])(?:write|get|come) back to me|(?<![\\p{L}])(?:reply|answer|write back|respond)(?![\\p{L}])',
  '頼みたい|お願いしたい|手が空|席に(?:い|お)|対応してほしい|返信(?:して)?(?:ください|お願い|ほしい)',
);
/** A call is to undo a payment. */
export const UNDO_PAYMENT =
  /(?<![\p{L}])(?:did(?: not|n't)|have(?: not|n't)|was(?: not|n't)|not) (?:\S{1,12} )?(?:authori[sz]e|make|place|recogni[sz]e|request|approve|order|initiate)|(?<![\p{L}])(?:to |wish to |want to )?(?:cancel|dispute|stop|reverse|refund|cancellation|refunded|returned|reimburse[d]?|money back)(?![\p{L}])|(?<![\p{L}])not you(?:rs)?(?:$|[?\n])/mu;
export const PAYMENT =
  /(?<![\p{L}])(?:charged?|renew(?:ed|al)|debit(?:ed)?|invoice|order|purchase|subscription|payment|transaction|taken from|deducted|auto-?renew)/u;
export const CALL =
  /(?<![\p{L}])(?:call|dial|phone|ring|contact|reach|helpline|hotline|toll[- ]free|help ?desk|speak)(?![\p{L}])/u;
/** What lies behind the link of a lure that shows a document only. */
export const PAPER = any(
  '(?<![\\p{L}])(?:documents?|agreements?|amendments?|addendum|contracts?|statements?|invoices?|voice ?mail|voice message|fax|remittance|payment advice|purchase order|(?:secure|protected|encrypted|confidential) (?:message|file|mail)|signature|shared (?:a|with|file|folder))(?![\\p{L}])',
  '契約書|請求書|覚書|合意書|注文書|書類|署名',
);
/** The words of a link that leads to it. */
export const LOOK =
  /(?<![\p{L}])(?:review|view|see|read|download|open|complete|access|listen|retrieve|preview|release|show|get|continue|start|begin|proceed|respond)(?![\p{L}])|確認|閲覧|表示|ダウンロード|開く/iu;
/** A place in a company: mail addresses that anybody gets prove none. */
export const OFFICE =
  /(?<![\p{L}])(?:ceo|cfo|cto|coo|cio|ciso|chief [\p{L} ]{3,25} officer|president|managing director|director|chairm[ae]n|head of [\p{L}]+|vice president|vp|treasurer|controller|partner manager|team|desk|department|dept|help ?desk|service desk|services?|support|cent(?:er|re)|office|accounts?|billing|security|migrations?|operations|administrator|admin)(?![\p{L}])|代表|社長|専務|常務|取締役|部長|窓口|センター|サポート|事務局|担当|管理者|部門/u;
