import type { ChangeHandler } from './changes.ts';
import type { PageHandler } from './pageHandler.ts';
import { preferencesPage } from './pages/preferencesPage.ts';
import { cookieOf, isOneToOne, LETTERS, PREFERENCES_COOKIE, preferencesForm } from './preferences.ts';
import { parse, wrongInput } from './queries.ts';
import { viewOf } from './requestView.ts';
import { textsFor } from './words/texts.ts';

export const showPreferences: PageHandler = async (deps, request) => preferencesPage(await viewOf(deps, request));

/** Remembers how the reader likes the pages, in this browser alone. */
export const changePreferences: ChangeHandler = async (_deps, request, reply) => {
  const { rows, keys, line, ...letters } = parse(preferencesForm, request.body);
  const map: Record<string, string> = {};
  for (const letter of LETTERS) {
    const key = letters[`key_${letter}`];
    if (key !== '' && key !== letter) map[letter] = key;
  }
  if (!isOneToOne(map)) throw wrongInput('keys', textsFor(request).preferences.twice);
  const value = cookieOf({ rows, keys, line, map });
  reply.header('set-cookie', `${PREFERENCES_COOKIE}=${value}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`);
  return reply.redirect('/preferences', 303);
};
