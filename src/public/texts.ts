import { en, type Texts } from './textsEn.ts';
import { ja } from './textsJa.ts';

/** The catalogue that a browser asks for (RFC 9110 §12.5.4), else that of the customer, else English. */
export function textsFor(acceptLanguage: string | undefined, customer: string | null): Texts {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((one) => one.trim()).find((one) => one.startsWith('q='));
      return { language: tag.split('-')[0], weight: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ language, weight }) => (language === 'en' || language === 'ja') && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  const language = wanted[0]?.language ?? customer?.slice(0, 2).toLowerCase();
  return language === 'ja' ? ja : en;
}
