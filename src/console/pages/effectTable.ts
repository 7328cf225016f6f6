import type { EffectRow } from '../../store/readTickets.ts';
import { type Html, html, type Value } from '../html.ts';
import type { View } from '../view.ts';
import { type IconName, icon } from './icons.ts';

/** Effects with their last attempt and next try, and every attempt behind it where there were several. One that gave up has a button, since a person must look at it. */
export function effectTable(view: View, effects: readonly EffectRow[], back: string): Html {
  return html`<ul class="effects">${effects.map((effect) => effectLine(view, effect, back))}</ul>`;
}

function effectLine(view: View, effect: EffectRow, back: string): Html {
  const { t, times } = view;
  const last = effect.attempts.at(-1);
  const [sign, tone, words, at] = ((): [IconName, string, Value, Date] => {
    if (effect.state === 'done')
      return ['tick', 'done', last?.text || t.story.effectDone, effect.settledAt ?? effect.createdAt];
    if (effect.state === 'parked')
      return ['cross', 'parked', t.story.effectParked(last?.text ?? ''), effect.settledAt ?? effect.createdAt];
    const tried = last
      ? t.story.effectTry(effect.attempts.length, last.text)
      : t.story.effectDue(times.row(effect.dueAt));
    return ['hourglass', last ? 'trying' : 'due', tried, effect.dueAt];
  })();
  return html`<li class="effect effect-${tone}">${icon(sign)}<span>${t.story.effectTypes[effect.type] ?? effect.type}</span><span class="effect-words">${words}</span><time datetime="${at.toISOString()}">${times.entry(at)}</time>${
    effect.state === 'parked' ? tryEffect(view, effect.id, back) : null
  }${effect.attempts.length > 1 ? attempts(view, effect) : null}</li>`;
}

function attempts({ t, times }: View, effect: EffectRow): Html {
  return html`<details class="attempts"><summary>${t.story.attempts(effect.attempts.length)}</summary><ol>${effect.attempts.map(
    (one) =>
      html`<li>${icon(one.ok ? 'tick' : 'cross')} <time datetime="${one.at}">${times.precise(new Date(one.at))}</time> <code>${one.code}</code> <span>${one.text}</span></li>`,
  )}</ol></details>`;
}

export function tryEffect({ t }: View, id: number, back: string): Html {
  return html`<form method="post" action="/effects/${id}/retry"><input type="hidden" name="back" value="${back}"><button class="button">${t.story.tryNow}</button></form>`;
}
