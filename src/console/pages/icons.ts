import { type Html, trusted } from '../html.ts';

/** Icons of 16 px with 1.5 px strokes, always beside a word or with a name; drawn here, so nothing is fetched. */
const SHAPES = {
  logo: '<path d="M4.2 3.6h7.6M3.4 6.8h9.2M8 3.6v4.2M8 7.8c0 2.6-1.7 4.2-4.4 4.8M8 7.8c0 2.6 1.7 4.2 4.4 4.8"/>',
  critical: '<path class="fill" d="M8 .8 15.2 8 8 15.2.8 8Z"/><path class="cut" d="M8 4.4v4.2M8 10.6v1"/>',
  high: '<path class="fill" d="M8 2 15 14H1Z"/>',
  normal: '<circle cx="8" cy="8" r="4"/>',
  low: '<path d="M4 8h8"/>',
  none: '<path d="M7 8h2"/>',
  clock: '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.4"/>',
  lock: '<rect x="3.2" y="7" width="9.6" height="6.6" rx="1.2"/><path d="M5.4 7V5a2.6 2.6 0 0 1 5.2 0v2"/>',
  shieldTick:
    '<path d="M8 1.6 13.4 3.4v4.2c0 3.3-2.2 5.6-5.4 6.8-3.2-1.2-5.4-3.5-5.4-6.8V3.4Z"/><path d="m5.6 7.8 1.8 1.8 3-3.2"/>',
  shieldUnsure:
    '<path stroke-dasharray="2.2 1.6" d="M8 1.6 13.4 3.4v4.2c0 3.3-2.2 5.6-5.4 6.8-3.2-1.2-5.4-3.5-5.4-6.8V3.4Z"/><path d="M6.6 6.2a1.5 1.5 0 1 1 2.2 1.4c-.5.3-.8.6-.8 1.1M8 10.6v.4"/>',
  shieldCross:
    '<path d="M8 1.6 13.4 3.4v4.2c0 3.3-2.2 5.6-5.4 6.8-3.2-1.2-5.4-3.5-5.4-6.8V3.4Z"/><path d="m6 6 4 4m0-4-4 4"/>',
  person: '<circle cx="8" cy="5.2" r="2.7"/><path d="M3 14c.4-3 2.2-4.6 5-4.6s4.6 1.6 5 4.6"/>',
  mail: '<rect x="1.8" y="3.2" width="12.4" height="9.6" rx="1.4"/><path d="m2.4 4.6 5.6 4.2 5.6-4.2"/>',
  copies: '<rect x="2" y="2" width="8.6" height="8.6" rx="1.4"/><path d="M13.8 5.6v6.8a1.4 1.4 0 0 1-1.4 1.4H5.6"/>',
  up: '<path d="M8 13V3.4M4 7.2l4-4 4 4"/>',
  note: '<path d="M2.6 2.6h10.8v7.2l-3.6 3.6H2.6ZM9.6 13.2V9.6h3.6"/>',
  link: '<path d="M6.6 9.4 9.6 6.4M7.4 4.6l1.4-1.4a2.9 2.9 0 0 1 4.1 4.1L11.4 8.6M8.6 11.4l-1.4 1.4a2.9 2.9 0 0 1-4.1-4.1l1.5-1.4"/>',
  tick: '<path d="m2.8 8.6 3.4 3.6 7-8"/>',
  cross: '<path d="m3.4 3.4 9.2 9.2m0-9.2-9.2 9.2"/>',
  hourglass: '<path d="M4 2h8M4 14h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6s6 2 6 6"/>',
  more: '<path d="M8 3v.1M8 8v.1M8 13v.1"/>',
  dash: '<path d="M4 8h8"/>',
  menu: '<path d="M2 4h12M2 8h12M2 12h12"/>',
  back: '<path d="M10 3 5 8l5 5"/>',
  lines: '<path d="M2 4h12M2 8h12M2 12h8"/>',
  shield: '<path d="M8 1.6 13.4 3.4v4.2c0 3.3-2.2 5.6-5.4 6.8-3.2-1.2-5.4-3.5-5.4-6.8V3.4Z"/>',
  down: '<path d="m4 6.4 4 4 4-4"/>',
  search: '<circle cx="7" cy="7" r="4.4"/><path d="m10.4 10.4 3.6 3.6"/>',
  undo: '<path d="M6 3.4 2.6 6.8 6 10.2M3 6.8h6.4a3.6 3.6 0 0 1 0 7.2H6"/>',
  pulse: '<path d="M1.4 8.4h3.2l1.6-5 3 9.4 1.8-4.4h3.6"/>',
} as const;

export type IconName = keyof typeof SHAPES;

const made = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [
    name,
    trusted(
      `<svg class="icon icon-${name}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">${shape}</svg>`,
    ),
  ]),
) as Record<IconName, Html>;

export function icon(name: IconName): Html {
  return made[name];
}
