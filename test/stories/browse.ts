import type { Browser } from 'playwright-core';
import PostalMime from 'postal-mime';
import { until } from '../receive/until.ts';
import { readMaildir } from '../servers/maildir.ts';

/** What a person with a mailbox and a browser does: reads mail, opens a link, clicks. */
export type Person = {
  /** Waits for a mail whose text matches, and gives it. */
  reads(pattern: RegExp): Promise<{ raw: Buffer; subject: string; text: string }>;
  /** Waits for a mail with a link to that page, opens it and clicks the button; then waits for the sentence. */
  follows(link: RegExp, button: string, sentence: string): Promise<void>;
  mails(): Promise<{ raw: Buffer; subject: string; text: string }[]>;
};

export function personOf(browser: Browser, maildir: string): Person {
  const used = new Set<string>();
  const mails: Person['mails'] = () =>
    Promise.all(
      readMaildir(maildir).map(async (raw) => {
        const { subject = '', text = '' } = await PostalMime.parse(raw);
        return { raw, subject, text };
      }),
    );
  const person: Person = {
    mails,
    async reads(pattern) {
      const find = async () => (await mails()).find(({ text }) => pattern.test(text));
      await until(async () => (await find()) !== undefined);
      return (await find())!;
    },
    async follows(link, button, sentence) {
      const find = async () =>
        (await mails()).map(({ text }) => link.exec(text)?.[0]).find((url) => url !== undefined && !used.has(url));
      await until(async () => (await find()) !== undefined);
      const url = (await find())!;
      used.add(url);
      const context = await browser.newContext({ locale: 'en' });
      const page = await context.newPage();
      await page.goto(url);
      await page.getByRole('button', { name: button }).click();
      await page.getByText(sentence).waitFor();
      await context.close();
    },
  };
  return person;
}
