import { parentPort } from 'node:worker_threads';
import { type HtmlView, readHtmlView } from '../core/htmlView.ts';
import { sanitizeMail } from './sanitizeMail.ts';

/**
 * Makes views of mails, one after another. Mail is hostile, so this stands in a thread with a memory limit: it has no
 * database, no keys and no environment, and what stalls or bloats it ends this thread and one view.
 */
export type ViewAnswer = 'ready' | { view: HtmlView } | { failed: string };

const port = parentPort;
if (port === null) throw new Error('htmlViewThread.ts runs as a worker thread only');

port.on('message', async (raw: Uint8Array | 'end') => {
  if (raw === 'end') {
    port.close();
    return;
  }
  let answer: ViewAnswer;
  try {
    const view = await readHtmlView(raw);
    answer = { view: view.shown ? { ...view, html: sanitizeMail(view.html) } : view };
  } catch (error) {
    // Only the name: a message may quote the mail.
    answer = { failed: error instanceof Error ? error.name : 'unknown error' };
  }
  port.postMessage(answer);
});
port.postMessage('ready' satisfies ViewAnswer);
