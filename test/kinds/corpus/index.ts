import { abroad } from './abroad.ts';
import { billing } from './billing.ts';
import { credentials } from './credentials.ts';
import { health } from './health.ts';
import { heldOut } from './heldOut.ts';
import { heldOutAgain } from './heldOutAgain.ts';
import { heldOutLast } from './heldOutLast.ts';
import type { CorpusMail } from './mail.ts';
import { mixed } from './mixed.ts';
import { nonaws } from './nonaws.ts';
import { offhand } from './offhand.ts';
import { ownLists } from './ownLists.ts';
import { phishing } from './phishing.ts';
import { security } from './security.ts';
import { services } from './services.ts';
import { support } from './support.ts';
import { terse } from './terse.ts';
import { told } from './told.ts';
import { unheard } from './unheard.ts';
import { unread } from './unread.ts';
import { unreadAgain } from './unreadAgain.ts';
import { unreadEighth } from './unreadEighth.ts';
import { unreadFifth } from './unreadFifth.ts';
import { unreadFourth } from './unreadFourth.ts';
import { unreadSeventh } from './unreadSeventh.ts';
import { unreadSixth } from './unreadSixth.ts';
import { unreadThird } from './unreadThird.ts';
import { varied } from './varied.ts';
import { wordings } from './wordings.ts';

const known = [...credentials, ...security, ...support, ...health, ...billing, ...services, ...nonaws, ...phishing];

/** Each is one stream of arrivals over all customers. */
export const corpora: Record<string, readonly CorpusMail[]> = {
  known,
  wordings,
  heldOut,
  heldOutAgain,
  heldOutLast,
  terse,
  abroad,
  offhand,
  ownLists,
  told,
  mixed,
  varied,
  unheard,
  unread,
  unreadAgain,
  unreadThird,
  unreadFourth,
  unreadFifth,
  unreadSixth,
  unreadSeventh,
  unreadEighth,
};
