import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { type CustomersFile, type FileProblem, parseCustomersFile } from './core/customersFile.ts';
import { EXIT, messageOf, RootdeskError } from './lib/errors.ts';

/** A problem with the line where it is, when the file says it there. */
export type LocatedProblem = FileProblem & { line: number | null };

export type CustomersSource = {
  file: CustomersFile | null;
  problems: LocatedProblem[];
  /** The line (from 1) of a place in the file, or of what surrounds it. */
  lineOf(keys: readonly (string | number)[]): number | null;
};

/** Largest customers file (bytes): some 100,000 customers. */
const LARGEST = 64 * 1024 * 1024;

/**
 * Reads a customers file, YAML or JSON (which YAML 1.2 includes). Problems come with their line; `file` is null when
 * there are any. Throws RootdeskError only when the file cannot be read at all (exit 66).
 */
export function readCustomers(path: string): CustomersSource {
  let text: string;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > LARGEST) throw new Error(`it is larger than ${LARGEST} bytes`);
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new RootdeskError(
      'customers.unreadable',
      `the customers file ${path} cannot be read: ${messageOf(error)}`,
      'name a readable UTF-8 file; config/customers.example.yaml shows its form',
      { exitCode: EXIT.noInput, cause: error },
    );
  }
  return parseCustomers(text);
}

export function parseCustomers(text: string): CustomersSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (keys: readonly (string | number)[]): number | null => {
    for (let length = keys.length; length >= 0; length -= 1) {
      const node = document.getIn(keys.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return null;
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      path: 'the file',
      keys: [],
      message: messageOf(error),
      line: lines.linePos(error.pos[0]).line,
    }));
    return { file: null, problems, lineOf };
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { file: null, problems: [{ path: 'the file', keys: [], message: messageOf(error), line: null }], lineOf };
  }
  const { file, problems } = parseCustomersFile(data);
  return { file, problems: problems.map((problem) => ({ ...problem, line: lineOf(problem.keys) })), lineOf };
}
