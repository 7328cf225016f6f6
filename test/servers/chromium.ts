import { type Browser, chromium } from 'playwright-core';
import { ensureDebian, MissingPackage } from './debian.ts';

const FONTS = ['fonts-noto-cjk', 'fonts-noto-core'];

/**
 * Debian's chromium, headless and quiet: it asks nothing of the net, so that a test can count every request. Its
 * headless shell if that is here or may be installed: the same engine without the window around it, which nobody sees
 * and which costs as much as the pages (on two cores a fourth of the time of a suite in a browser).
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

async function findChromium(): Promise<string> {
  try {
    return await ensureDebian('chromium-headless-shell', ['chromium-headless-shell', ...FONTS]);
  } catch (error) {
    if (!(error instanceof MissingPackage)) throw error;
    return ensureDebian('chromium', ['chromium', ...FONTS]);
  }
}
