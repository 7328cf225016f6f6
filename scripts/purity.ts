import { parseSync } from '@swc/core';

/**
 * What core may not touch: the clock, chance, I/O, timers, the process. Buffer, TextDecoder and crypto.subtle are
 * allowed: they give the same answer for the same bytes.
 */
const forbiddenGlobals = new Set([
  'process',
  'fetch',
  'performance',
  'console',
  'require',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'WebSocket',
  'Worker',
  'localStorage',
]);
const forbiddenMembers = new Set([
  'Date.now',
  'Math.random',
  'crypto.getRandomValues',
  'crypto.randomUUID',
  'Temporal.Now',
]);
/** Keys under which a name is a label, not a use of the global. */
const labels: Record<string, string[]> = {
  KeyValueProperty: ['key'],
  MethodProperty: ['key'],
  GetterProperty: ['key'],
  ClassProperty: ['key'],
  ClassMethod: ['key'],
  TsPropertySignature: ['key'],
  TsMethodSignature: ['key'],
  ImportSpecifier: ['local', 'imported'],
};

type Node = { type?: string; [key: string]: unknown };

/** Names of impure globals that this TypeScript source uses, once each. Throws on source that does not parse. */
export function impureUses(source: string): string[] {
  const found = new Set<string>();
  visit(parseSync(source, { syntax: 'typescript', target: 'es2024' }) as unknown as Node, found);
  return [...found];
}

function visit(node: Node, found: Set<string>): void {
  if (node.type === 'Identifier' && forbiddenGlobals.has(String(node.value))) found.add(String(node.value));
  if (node.type === 'MemberExpression') {
    visitMember(node, found);
    return;
  }
  if (isCallOfDate(node)) found.add('Date without a value');
  const skipped = labels[node.type ?? ''] ?? [];
  for (const [key, child] of Object.entries(node)) {
    if (skipped.includes(key) && (child as Node | null)?.type === 'Identifier') continue;
    visitChild(child, found);
  }
}

function visitChild(child: unknown, found: Set<string>): void {
  if (Array.isArray(child)) for (const item of child) visitChild(item, found);
  else if (child !== null && typeof child === 'object') visit(child as Node, found);
}

/** `a.b`: a is a use, b a label, unless a is globalThis; `a[b]`: both are uses. */
function visitMember(node: Node, found: Set<string>): void {
  const object = node.object as Node;
  const property = node.property as Node;
  const name = property.type === 'Identifier' ? String(property.value) : null;
  if (object.type === 'Identifier' && object.value === 'globalThis' && name !== null) {
    visit(property, found);
    return;
  }
  const path = `${ownerName(object)}.${name}`;
  if (forbiddenMembers.has(path)) found.add(path);
  visit(object, found);
  if (name === null) visit(property, found);
}

/** `Date` of `Date.now` and of `globalThis.Date.now`. */
function ownerName(object: Node): string {
  if (object.type === 'Identifier') return String(object.value);
  const inner = object.object as Node | undefined;
  const isGlobal = object.type === 'MemberExpression' && inner?.value === 'globalThis';
  return isGlobal ? String((object.property as Node).value) : '';
}

/** `new Date()` and `Date()` ask the clock; `new Date(value)` does not. */
function isCallOfDate(node: Node): boolean {
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return false;
  const callee = node.callee as Node;
  if (callee.type !== 'Identifier' || callee.value !== 'Date') return false;
  const given = (node.arguments as unknown[] | null) ?? [];
  return node.type === 'CallExpression' || given.length === 0;
}
