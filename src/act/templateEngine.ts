import { Liquid } from 'liquidjs';

/** Where the text of a template goes, and so how values are escaped in it. */
export type TemplatePart = 'subject' | 'text' | 'html';

/** Longest template with its includes (characters), longest render (ms of the clock: a busy machine renders slowly), objects a render may make, longest result. */
const PARSE_CHARS = 64 * 1024;
const RENDER_MS = 2000;
const RENDER_OBJECTS = 1_000_000;
const RESULT_CHARS: Record<TemplatePart, number> = { subject: 250, text: 100_000, html: 200_000 };
/** Longest template file that is read (bytes). */
export const TEMPLATE_BYTES = PARSE_CHARS;

export type TemplateEngine = {
  /** Renders a file by its name. Throws on any error of the template and on any limit. */
  render(name: string, part: TemplatePart, view: object): string;
};

/**
 * Liquid over files that are in memory: an include finds only these names, never the file system. Own properties only, no
 * unknown filters, no `raw` filter (it would switch the escaping off), limits for parsing, rendering and memory.
 */
export function createTemplateEngine(files: ReadonlyMap<string, string>): TemplateEngine {
  const engines: Record<TemplatePart, Liquid> = {
    subject: engine(files, false),
    text: engine(files, false),
    html: engine(files, true),
  };
  return {
    render(name, part, view) {
      const result: string = engines[part].renderFileSync(name, view);
      if (part === 'subject') return headerLine(result);
      if (result.length > RESULT_CHARS[part])
        throw new Error(`${name} makes more than ${RESULT_CHARS[part]} characters`);
      if (result.trim() === '') throw new Error(`${name} makes no text`);
      return result.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
    },
  };
}

function engine(files: ReadonlyMap<string, string>, html: boolean): Liquid {
  const liquid = new Liquid({
    templates: Object.fromEntries(files),
    // A file of templates/mail by its name; nothing is looked up beside it.
    relativeReference: false,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    jsTruthy: true,
    timezoneOffset: 0,
    parseLimit: PARSE_CHARS,
    renderLimit: RENDER_MS,
    memoryLimit: RENDER_OBJECTS,
    ...(html ? { outputEscape: 'escape' as const } : {}),
  });
  delete liquid.filters.raw;
  return liquid;
}

/** One line for a header: no template can break out of it. RFC 5322 §2.2. */
function headerLine(text: string): string {
  const line = text
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, RESULT_CHARS.subject)
    .toWellFormed();
  if (line === '') throw new Error('the subject is empty');
  return line;
}
