import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startChromium } from '../servers/chromium.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { seedScene } from './seed.ts';
import { startTestConsole } from './startTestConsole.ts';

/** A console over the scene, and a browser that looks at it. */
export type Looking = {
  fresh: FreshDatabase;
  pages: Awaited<ReturnType<typeof startTestConsole>>;
  browser: Browser;
  scene: Awaited<ReturnType<typeof seedScene>>;
  /** Does something on a page of a context of its own: British English, 1440 px, unless said otherwise. */
  open(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void>;
  /** Begins the scene anew on a database of its own; the browser stays. */
  renew(): Promise<void>;
  close(): Promise<void>;
};

export async function startLooking(): Promise<Looking> {
  const browser = await startChromium();
  const begin = async () => {
    const fresh = await freshDatabase();
    const scene = await seedScene(fresh);
    return { fresh, scene, pages: await startTestConsole(fresh) };
  };
  const end = async () => {
    await looking.pages.close();
    await looking.fresh.drop();
  };
  const looking: Looking = {
    browser,
    ...(await begin()),
    async open(options, work) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: 'en-GB',
        ...options,
      });
      try {
        await work(await context.newPage());
      } finally {
        await context.close();
      }
    },
    async renew() {
      await end();
      Object.assign(looking, await begin());
    },
    async close() {
      await browser.close();
      await end();
    },
  };
  return looking;
}
