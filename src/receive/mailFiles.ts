import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hideTokens } from '../core/hideTokens.ts';
import { messageOf } from '../lib/errors.ts';
import { looksLikeMbox } from './mbox.ts';

/** A file with mail in it. `source` names it in the database: never with what may be a secret. */
export type MailFile = { path: string; form: 'eml' | 'mbox' | 'maildir'; size: number; source: string };

export type FileProblem = { path: string; problem: string };

/** Folders below folders. */
const MAX_DEPTH = 20;
const FOREIGN: { magic: Buffer; problem: string }[] = [
  { magic: Buffer.from([0x1f, 0x8b]), problem: 'it is compressed (gzip), which is not read: unpack it first' },
  { magic: Buffer.from('BZh'), problem: 'it is compressed (bzip2), which is not read: unpack it first' },
  {
    magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]),
    problem: 'it is compressed (xz), which is not read: unpack it first',
  },
  {
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    problem: 'it is compressed (zstd), which is not read: unpack it first',
  },
  { magic: Buffer.from('PK\x03\x04'), problem: 'it is a zip archive, which is not read: unpack it first' },
  {
    magic: Buffer.from([0xd0, 0xcf, 0x11, 0xe0]),
    problem: 'it is an Outlook .msg or .pst file, which is not read: export it as .eml',
  },
  { magic: Buffer.from('!BDN'), problem: 'it is an Outlook .pst file, which is not read: export it as .eml' },
];

/**
 * The mail files under these paths, in the order of their names: files as given; Maildir folders (their cur and new,
 * and sub-folders); of any other folder what ends in .eml or is an mbox file. What cannot be read is a problem, not
 * an error: the rest is imported.
 */
export async function findMailFiles(
  paths: readonly string[],
): Promise<{ files: MailFile[]; problems: FileProblem[]; skipped: number }> {
  const found = { files: [] as MailFile[], problems: [] as FileProblem[], skipped: 0 };
  for (const path of paths) await search(path, 0, found);
  return found;
}

type Found = Awaited<ReturnType<typeof findMailFiles>>;

async function search(path: string, depth: number, found: Found): Promise<void> {
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) await searchFolder(path, depth, found);
    else if (!facts.isFile()) found.problems.push({ path, problem: 'it is neither a file nor a folder' });
    else await addFile(path, facts.size, depth, found);
  } catch (error) {
    found.problems.push({ path, problem: readable(error) });
  }
}

async function searchFolder(path: string, depth: number, found: Found): Promise<void> {
  if (depth > MAX_DEPTH) {
    found.problems.push({ path, problem: `folders are nested more than ${MAX_DEPTH} deep` });
    return;
  }
  const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const isMaildir = entries.some((entry) => entry.name === 'cur') && entries.some((entry) => entry.name === 'new');
  for (const entry of entries) {
    const child = join(path, entry.name);
    // tmp holds what is being delivered (maildir(5)).
    if (isMaildir && ['cur', 'new'].includes(entry.name)) await addMaildir(child, basename(path), found);
    else if (isMaildir && (entry.name === 'tmp' || !entry.isDirectory())) continue;
    else if (entry.isDirectory() || entry.isFile()) {
      if (entry.name.startsWith('.') && !(isMaildir && entry.isDirectory())) found.skipped += 1;
      else await search(child, depth + 1, found);
    } else found.skipped += 1;
  }
}

async function addMaildir(path: string, name: string, found: Found): Promise<void> {
  for (const file of (await readdir(path)).sort()) {
    if (file.startsWith('.')) continue;
    const child = join(path, file);
    try {
      const facts = await stat(child);
      if (!facts.isFile()) continue;
      found.files.push({ path: child, form: 'maildir', size: facts.size, source: sourceOf(name) });
    } catch (error) {
      found.problems.push({ path: child, problem: readable(error) });
    }
  }
}

async function addFile(path: string, size: number, depth: number, found: Found): Promise<void> {
  const start = await readStart(path);
  const foreign = FOREIGN.find(({ magic }) => start.subarray(0, magic.length).equals(magic));
  const isMbox = looksLikeMbox(start);
  const isWanted = depth === 0 || isMbox || /\.(?:eml|mbox|mbx)$/i.test(path);
  if (foreign && (isWanted || /\.(?:gz|bz2|xz|zst|zip|msg|pst)$/i.test(path)))
    found.problems.push({ path, problem: foreign.problem });
  else if (!isWanted) found.skipped += 1;
  else found.files.push({ path, form: isMbox ? 'mbox' : 'eml', size, source: sourceOf(basename(path)) });
}

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Mail programs name files after subjects, and a subject may hold a code: numbers but years and dates are hidden. */
function sourceOf(name: string): string {
  return `file:${hideTokens(name)}`;
}

/** What an errno means to people. */
export function readable(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read: check its permissions';
  return messageOf(error);
}
