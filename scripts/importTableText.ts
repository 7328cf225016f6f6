import { importTable, type Rule } from './importTable.ts';

const BEGIN = '<!-- import table: made by npm run generate -->';
const END = '<!-- end of import table -->';

/** ARCHITECTURE.md with its import table made anew. Throws when the marks are gone. */
export function withImportTable(document: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the document must hold "${BEGIN}" and "${END}"`);
  return `${document.slice(0, begin + BEGIN.length)}\n${table()}\n${document.slice(end)}`;
}

function table(): string {
  const rows = Object.entries(importTable).map(([key, rule]) => {
    const cells = [`\`${key}\``, own(rule), packages(rule), rule.node ? 'yes' : 'no'];
    return `| ${cells.join(' | ')} |`;
  });
  const rest = '| every other file in `src` itself | all | all | yes |';
  return ['| who | of ours, besides itself | packages | `node:*` |', '|---|---|---|---|', ...rows, rest].join('\n');
}

function own({ own: names, ownTypes = [] }: Rule): string {
  if (names === 'all') return 'all';
  const types = ownTypes.map((name) => `${name} (types)`);
  return [...names, ...types].join(', ') || '–';
}

function packages({ packages: names }: Rule): string {
  return names === 'all' ? 'all' : names.join(', ') || '–';
}
