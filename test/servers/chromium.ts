import { type Browser, chromium } from 'playwright-core';
import { ensureDebian } from './debian.ts';

/** Debian's chromium, headless and quiet: it asks nothing of the net, so that a test can count every request. */
export async function startChromium(): Promise<Browser> {
  const executablePath = await ensureDebian('chromium', ['chromium', 'fonts-noto-cjk', 'fonts-noto-core']);
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
