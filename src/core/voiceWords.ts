/** How somebody speaks: as AWS, to the owner of an account, of what is his own. In lower case with width folded, unless said otherwise. */

const AWS =
  '(?:aws|amazon web services|amazon aws|amazon cloud|アマゾン ?ウェブ ?サービス|amazon ?ウェブ ?サービス|아마존 ?웹 ?서비스|亚马逊云(?:科技)?|亞馬遜)';
const TEAM =
  'team|support|desk|help ?desk|department|dept|center|centre|office|security|billing|service|services|compliance|operations|accounts?|customer|care|trust|safety|abuse|fraud|escalations?|recovery|payments?|finance|premium|cloud|identity|verification|risk|kundendienst|kundenservice|sicherheit';
const TEAMS_EAST =
  'サポート|セキュリティ|カスタマー|お客様|請求|アカウント管理|運営|管理|チーム|センター|担当|事務局|窓口|部門|サービス|ジャパン';
const END = '(?=\\s*(?:[.,;:!–-]|$|here|and |speaking|writing|calling|\\(|\\n))';
const any = (...sources: string[]) => new RegExp(sources.join('|'), 'u');

/** Somebody says that he is AWS. In lower case. */
export const SPEAKS = any(
  `(?<![\\p{L}])(?:this is|here is|hier ist|ici|soy|somos|we are|we're) (?:the |your |das |der |l'équipe |el equipo de )?${AWS}(?:[ -](?:${TEAM})){1,4}${END}`,
  `(?<![\\p{L}])we,? (?:here )?(?:at|from|of) (?:the )?${AWS}(?![\\p{L}])`,
  `(?<![\\p{L}])(?:calling|writing|contacting you|reaching out|acting) (?:to you )?(?:from|on behalf of|for|in the name of) (?:the )?${AWS}(?![\\p{L}])`,
  `(?<![\\p{L}])on behalf of (?:the )?${AWS}(?![\\p{L}])`,
  `(?<![\\p{L}])(?:i am|i'm) (?:with|from|at) (?:the )?${AWS}(?:[ -](?:&|and|${TEAM})){1,5}${END}`,
  `(?<![\\p{L}])(?:i am|i'm) (?:the |your |an? )(?:\\S{1,20} ){1,5}?(?:at|from|for) (?:the )?${AWS}${END}`,
  `(?<![\\p{L}])i work (?:at|for) ${AWS}(?:[ -](?:${TEAM})){0,4}${END}`,
  `(?<![\\p{L}])from ${AWS}(?:[ -](?:${TEAM})){0,4} here(?![\\p{L}])`,
  `(?<![\\p{L}])(?:dear|hello|hi|attention|valued|geehrte[rns]?|liebe[rs]?|chère?|estimad[oa]|prezad[oa]|gentile) (?:valued |esteemed )?(?:${AWS}|amazon)[- ]?(?:[^\\s-]{1,20}[- ]){0,2}?(?:customers?|users?|clients?|account (?:holder|owner)|root user|kund|nutzer|client|utilisateur|usuari)(?! (?:support|service|care|success))`,
  `thank(?:s| you) for (?:using|choosing|being)(?: \\S{1,20}){0,2} ${AWS}`,
  `greetings from ${AWS}`,
  `(?:your|ihr|votre|l'équipe|el equipo de|la squadra|a equipe da) ${AWS}[ -](?:team|support)`,
  `(?:vielen dank|danke), dass sie ${AWS}|merci d'utiliser ${AWS}|gracias por (?:usar|utilizar|elegir) ${AWS}`,
  `${AWS}[ の・]{0,2}(?:(?:${TEAMS_EAST})[の・]?){1,4}(?:[^。、\\n]{0,8})?(?:です|と申します|でございます)(?!か)`,
  `${AWS}[ の・]{0,2}(?:(?:${TEAMS_EAST})[の・]?){0,4}(?:より(?:重要な)?(?:お知らせ|ご連絡|ご案内)|からの(?:重要な)?お知らせ(?:です|$))`,
  `${AWS} ?(?:を|の)?ご?利用(?:いただき|頂き|の(?:お客様|皆様)|中の(?:お客様|皆様)|いただいている(?:お客様|皆様))`,
  `${AWS} ?(?:고객 ?(?:센터|지원)|보안 ?팀|지원 ?팀|청구 ?팀)(?:입니다|에서)|${AWS}(?:를|을) 이용해 ?주셔서`,
  `(?:我们是|这里是|我是)${AWS}|感谢您?使用${AWS}|尊敬的${AWS}`,
);
/** "My name is Ann Lee from AWS Support": names have capitals. */
export const NAMED =
  /(?:This is|I am|I'm|My name is|It's|Here is|Hier ist|Je suis|Soy) (?:[A-Z][\p{L}.'-]+,? ){1,3}(?:from|at|with|of|von|de|del) (?:the )?(?:AWS|Amazon Web Services)(?![\p{L}])|(?<![\p{L}])[A-Z][\p{L}]+ (?:from|von|de) AWS here/u;
/** A sentence that is nothing but that: "Ann Lee from the AWS case team." */
export const INTRODUCED =
  /^[A-Z][\p{L}'-]{1,20}(?: [A-Z][\p{L}'-]{1,20}){0,2},? (?:from|at|of|with) (?:the )?(?:AWS|Amazon Web Services)(?:[ -][\p{L}]{1,15}){0,3}$/u;
/** A line of its own under a letter. */
export const SIGNED = new RegExp(
  `^[\\s>*–-]{0,4}(?:the |your |ihr |l'équipe |el equipo de )?(?:amazon web services(?:[, ]+inc\\.?|[ -](?:${TEAM}|japan|emea|europe)){0,4}|aws(?:[ -](?:${TEAM})){1,4}|アマゾン ?ウェブ ?サービス\\S{0,12}|aws ?(?:${TEAMS_EAST})\\S{0,8}|aws (?:고객|보안|지원)\\S{0,6})[\\s.]{0,3}$`,
  'u',
);
/** What an account is and has. */
const THINGS =
  'root|accounts?(?! (?:team|manager|exec|rep))|access|services?|instances?|resources|subscription|payments?|invoices?|bill|billing|credentials|console|infrastructure|cloud|plan|data|workloads?|buckets?|servers?|card|log-?in|sign-?in|passwords?|keys?|mfa|devices?|identity|usage|environment|organi[sz]ation|domains?|side|order|balance|contract|free tier|credits|backups?|storage';
/** What people have of each other. */
const SOCIAL =
  '(?:questions?|in?quiry|enquiry|colleagues?|team|help|reply|answer|e-?mail|message|call|time|feedback|support|company|attention|interest|meeting|note|opinion|thoughts|advice|demo|trial|visit|talk)(?![\\p{L}])';
/** Somebody is called by a name, which has a capital. */
export const BY_NAME =
  /^[ \t]{0,4}(?:Hi|Hey|Hello|Dear|Good (?:morning|afternoon|evening)|Hallo|Liebe[r]?|Bonjour|Hola|Ciao),? (?!Customer|User|Client|Sir|Madam|Team|All|Valued|Account|Root|Admin|Owner|Amazon|AWS|There|Member|Colleague|Partner)[A-Z]\p{Ll}+/mu;
/** The account is the reader's. */
export const YOURS = any(
  `(?<![\\p{L}])your (?!${SOCIAL})(?:\\S{1,20} ){0,4}?(?:${AWS}|amazon|${THINGS})(?![\\p{L}])`,
  `(?<![\\p{L}])(?:${AWS}|root|console|account|services?) (?:\\S{1,20} ){0,2}?of yours?(?![\\p{L}])`,
  '(?<![\\p{L}])yours(?! (?:sincerely|faithfully|truly|cordially))(?![\\p{L}])',
  '(?<!(?:do|does|what|if|would|when|where) )you (?:have to|must|are required|need to|are obliged|are asked)(?![\\p{L}])',
  'お客様の|貴社の|御社の|ご利用の|ご利用中の|のご利用を|고객님|귀하|귀사|您的|貴戶|您嘅',
  '(?<![\\p{L}])(?:votre|vos) (?:\\S{1,20} ){0,2}?(?:compte|accès|services|facture|console)|(?<![\\p{L}])(?:su|tu|sus|sua|suo|tuo|vostro) (?:\\S{1,20} ){0,2}?(?:cuenta|acceso|conta|account|factura|fatura)',
);
/** German tells "your" from "their" by a capital. */
export const YOURS_DE =
  /(?<![\p{L}])Ihr(?:e[nmrs]?)? (?:\S{1,20} ){0,2}?(?:AWS|Konto|Kontos|Root|Zugang|Dienste|Rechnung|Account)/u;
/** The account is the writer's: nobody says so who speaks for its provider. */
export const OURS = any(
  `(?<![\\p{L}])(?:our|my) (?:(?!your)\\S{1,20} ){0,3}?(?:${AWS}(?![ -](?:${TEAM})|[^\\s.,])|root|(?<!bank )accounts?(?! (?:team|manager|exec|rep|department|review|security|protection|services|records|number|details))|console|instances?|card|site|website|bill|invoice|predecessor|company|boss|colleague)(?![\\p{L}])`,
  '弊社の|当社の|うちの|私の|自社|저희|우리 ?(?:회사|계정)|我们的|我的',
  `(?<![\\p{L}])(?:unser(?:e[nmrs]?)?|mein(?:e[nmrs]?)?|notre|mon|nuestr[ao]|mi|nossa|nostr[oa]) (?:\\S{1,20} ){0,2}?(?:${AWS}|konto|root|compte|cuenta|conta|account|rechnung|facture|factura)`,
);
/** Whoever has a matter of his own speaks of himself. */
export const FIRST_PERSON = any(
  '(?<![\\p{L}])(?:i|my|me|we|our|us|ich|wir|mir|mein\\S{0,2}|unser\\S{0,2}|je|nous|notre|mon|yo|mi|nos|nuestr\\S)(?![\\p{L}])|(?:私|弊社|当社|저희|我们|我的)',
);
export const ABOUT = any(
  `(?<![\\p{L}])(?:${AWS}|amazon|(?<![\\p{N}_.@/-])root(?: user| account| password| e-?mail)?|iam|cloud account|ec2|s3|cloudfront|route ?53|cloudshell|cloudtrail|guardduty|dynamodb|クラウド|ルート)(?![\\p{L}])`,
  'アマゾン|aws|ルートユーザー|아마존|亚马逊',
);
/** Somebody asks whether a mail that he got is what it says. */
export const DOUBTS = any(
  '(?<![\\p{L}])(?:real|genuine|legit(?:imate)?|scam|phish(?:ing)?|fake|spam|suspicious|hoax|strange|trust(?:worthy)?|echt|betrug|fälschung|arnaque|hameçonnage|estafa|falso)(?![\\p{L}])[^.!\\n]{0,80}\\?',
  '(?:本物|詐欺|フィッシング|怪しい|なりすまし)[^。]{0,40}?(?:か(?![\\p{L}])|[？?])|(?:진짜|사기|피싱)[^.]{0,40}?(?:나요|까요?|[?])|(?:真的|诈骗|钓鱼)[^。]{0,20}?(?:吗|[？?])',
);

/** Somebody did something to the reader's account, or will: only its provider does. */
export const PROVIDES = any(
  `(?<![\\p{L}])we (?:\\S{1,20} ){0,3}?(?:suspend|limit|restrict|block|clos|terminat|deactivat|lock|fr[eo]ze|disabl|put|plac)\\S{0,6} (?:\\S{1,20} ){0,3}?your`,
  '(?:停止|制限|凍結|閉鎖|解約|削除)(?:を)?(?:いたしました|いたします|させていただ|致します)',
);
/** What is said of the state of the reader's account. */
export const STATE = new RegExp(
  `(?<![\\p{L}])your (?:\\S{1,20} ){0,2}?(?:${AWS}|root|account(?! (?:team|manager|exec|rep))|access|services?)(?: \\S{1,20}){0,2}? (?:needs?|requires?|has been|have been|was|were|is|are|will|could not|cannot|must)(?![\\p{L}])`,
  'u',
);
/** AWS is told of as one who wants something of everybody. */
export const ANNOUNCES = new RegExp(
  `${AWS} (?:now |will |has |have |must |may |hereby |security |support )*(?:requires?|needs?|asks?|requests?|introduces?|demands?|expects?|obliges?)[^]{0,40}?(?:all|every|each|its) (?:\\S{1,20} )?(?:customers?|users?|accounts?|account holders|owners?|clients?)`,
  'u',
);
export const NAME = new RegExp(`(?<![a-z0-9])${AWS}(?![a-z0-9])`, 'u');
