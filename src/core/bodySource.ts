import { isBodyText } from './mailBody.ts';
import { decodedPart, textOfPart } from './mailText.ts';
import type { MimePart } from './mimeTree.ts';
import { decodeTransfer } from './transferEncoding.ts';

/** The body of a mail as its sender wrote it, for a view that looks like it did: HTML where there is some. */
export type BodySource = {
  /** In the order of the mail; alternatives are one piece, as HTML where they have it. */
  pieces: { type: 'html' | 'plain'; text: string }[];
  /** Raster images by their Content-ID (RFC 2392), without angle brackets, as `data:` addresses. */
  images: ReadonlyMap<string, string>;
};

/** Bytes of one image, and of all together, that are taken along. */
const MAX_IMAGE = 200 * 1024;
const MAX_IMAGES = 600 * 1024;

export function readBodySource(root: MimePart): BodySource {
  const images = new Map<string, string>();
  collectImages(root, images);
  return { pieces: piecesOf(root), images };
}

function piecesOf(part: MimePart): BodySource['pieces'] {
  if (part.type === 'multipart/alternative') {
    const forms = part.children.map(piecesOf).filter((pieces) => pieces.length > 0);
    return forms.findLast((pieces) => pieces.some(({ type }) => type === 'html')) ?? forms.at(-1) ?? [];
  }
  // RFC 2387: the first part of multipart/related is the document, the others belong to it.
  if (part.type === 'multipart/related') return part.children.slice(0, 1).flatMap(piecesOf);
  if (part.type.startsWith('multipart/')) return part.children.flatMap(piecesOf);
  if (!isBodyText(part)) return [];
  if (part.type === 'text/html') return [{ type: 'html', text: decodedPart(part) }];
  return [{ type: 'plain', text: textOfPart(part) }];
}

function collectImages(part: MimePart, images: Map<string, string>): void {
  for (const child of part.children) collectImages(child, images);
  const id = part.fields.find((field) => field.name === 'content-id')?.value.trim();
  if (!id || part.children.length > 0 || !part.type.startsWith('image/')) return;
  const bytes = decodeTransfer(part.body, part.encoding, MAX_IMAGE + 1);
  const type = rasterType(bytes);
  let held = bytes.length;
  for (const one of images.values()) held += one.length;
  if (type === null || bytes.length > MAX_IMAGE || held > MAX_IMAGES) return;
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  images.set(id.replace(/^<|>$/g, ''), `data:${type};base64,${base64}`);
}

/** What an image is by its first bytes; what it calls itself counts for nothing, and SVG is no raster image. */
function rasterType(bytes: Uint8Array): string | null {
  const starts = (...head: number[]) => head.every((byte, at) => bytes[at] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0x47, 0x49, 0x46, 0x38)) return 'image/gif';
  return null;
}
