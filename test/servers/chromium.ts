import { type Browser, chromium } from 'playwright-core';
import { ensureDebian, findBinary, MissingPackage } from './debian.ts';

const SHELL = 'chromium-headless-shell';
const FONTS = ['fonts-noto-cjk', 'fonts-noto-core'];

/**
 * Debian's chromium, headless and quiet: it asks nothing of the net, so that a test can count every request. Its
 * headless shell where that is: the same engine without the window around it, which nobody sees and which costs as
 * much as the pages.
 */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
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

/** What is here counts before what could be installed: a machine may have chromium and no way to Debian. */
async function findChromium(): Promise<string> {
  const found = findBinary(SHELL) ?? findBinary('chromium');
  if (found) return found;
  try {
    return await ensureDebian(SHELL, [SHELL, ...FONTS]);
  } catch (error) {
    if (!(error instanceof MissingPackage)) throw error;
    return ensureDebian('chromium', ['chromium', ...FONTS]);
  }
}
