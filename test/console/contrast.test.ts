import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readStyles, STYLES } from '../../src/console/styles.ts';

/** Contrast by the WCAG 2.2 formula, recomputed from the stylesheet that is served. */
const css = readStyles();

test('every file of styles is served', () => {
  const files = readdirSync(new URL('../../src/console/styles/', import.meta.url)).toSorted();
  expect(files).toEqual(STYLES.map((name) => `${name}.css`).toSorted());
});

function tokens(theme: 'light' | 'dark'): Record<string, string> {
  const blocks = [...css.matchAll(/:root \{([^}]*)\}/g)].map((match) => match[1] as string);
  const read = (block: string) =>
    Object.fromEntries([...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
  const [light, dark] = blocks.filter((block) => block.includes('--surface:')).map(read);
  return theme === 'light' ? (light ?? {}) : { ...light, ...dark };
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Text on what it stands on (4.5), and borders and marks (3). */
const TEXT: [string, string][] = [
  ...['surface', 'bg', 'sunken', 'accent-soft', 'crit-soft', 'warn-soft', 'note'].flatMap(
    (ground): [string, string][] => [
      ['ink', ground],
      ['ink-2', ground],
      ['ink-3', ground],
    ],
  ),
  ['ink-2', 'hatch'],
  ['accent', 'surface'],
  ['accent', 'bg'],
  ['accent', 'accent-soft'],
  ['on-accent', 'accent'],
  ['surface', 'ink'],
  ['crit', 'surface'],
  ['crit', 'bg'],
  ['crit', 'sunken'],
  ['crit', 'accent-soft'],
  ['crit', 'crit-soft'],
  ['on-crit', 'crit'],
  ['warn', 'surface'],
  ['warn', 'bg'],
  ['warn', 'accent-soft'],
  ['warn', 'warn-soft'],
  ['paper-ink', 'paper'],
  ['paper-ink-2', 'paper'],
  ['paper-ink-2', 'paper-hatch'],
];
const MARKS: [string, string][] = [
  ['control', 'surface'],
  ['control', 'bg'],
  ['paper-control', 'paper'],
  ['accent', 'surface'],
  ['crit', 'crit-soft'],
  ['warn', 'surface'],
];

describe.each(['light', 'dark'] as const)('contrast, %s', (theme) => {
  const colours = tokens(theme);
  test.each(TEXT)('text %s on %s', (text, ground) => {
    expect(contrast(colours[text] as string, colours[ground] as string)).toBeGreaterThanOrEqual(4.5);
  });
  test.each(MARKS)('mark %s on %s', (mark, ground) => {
    expect(contrast(colours[mark] as string, colours[ground] as string)).toBeGreaterThanOrEqual(3);
  });
});

test('colours stand in the tokens only', () => {
  const rules = css.replace(/:root \{[^}]*\}/g, '');
  expect(rules.match(/#[0-9a-f]{3,8}\b|rgba?\(/gi) ?? []).toEqual([]);
});
