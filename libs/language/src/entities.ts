/** Names of places, bodies and people in a text: by capitals in Latin scripts, by the noun before the name in Persian. */
import { stopWords } from './words.js';

const mostEntities = 10;

/** In order of appearance, each once, as written: `['Bowling Green', 'URLTA', 'WKU']`. A text all in capitals gives none. */
export function entitiesOf(text: string): string[] {
  const letters = text.match(/\p{L}/gu) ?? [];
  const capitals = letters.filter((letter) => letter !== letter.toLowerCase()).length;
  const shouted = letters.length > 12 && capitals * 2 > letters.length;
  const found = shouted ? [] : [...latinNames(text)];
  for (const match of text.matchAll(persianName)) found.push(match[0].replace(/\s+/g, ' '));
  return [...new Set(found)].slice(0, mostEntities);
}

const capitalised = String.raw`\p{Lu}[\p{L}\p{N}'’&.-]*[\p{L}\p{N}+]`;
/** Capitalised words in a row, joined by "of", "the" or "&". */
const nameRun = new RegExp(`${capitalised}(?:[ ](?:of (?:the )?|& ?)?${capitalised})*`, 'gu');
const persianName = /(?:شهر|استان|خیابان|بلوار|میدان|دانشگاه|وزارت|سازمان|دریاچه|رودخانه|بیمارستان|فرودگاه|مجلس شورای|شورای شهر|بانک|پارک|منطقه)\s+[\u0622-\u06cc‌]{3,}/gu;
const notNames = new Set(['i', "i'm", "i've", "i'd", "i'll"]);

function* latinNames(text: string): Generator<string> {
  for (const match of text.matchAll(nameRun)) {
    const opensSentence = /(?:^|[.!?:;"“(\n-]\s*)$/u.test(text.slice(0, match.index));
    const words = match[0].split(' ');
    while (words.length > 0 && stopWords.has((words[0] ?? '').toLowerCase())) words.shift();
    const name = words.join(' ');
    // A lone capital at the start of a sentence proves nothing.
    const alone = opensSentence && !match[0].includes(' ');
    const shouting = words.length > 1 && name === name.toUpperCase();
    if (name.length < 2 || shouting || notNames.has(name.toLowerCase())) continue;
    if (alone && !isAcronym(name)) continue;
    yield name;
  }
}

function isAcronym(word: string): boolean {
  return /^[\p{Lu}\p{N}&/+-]{2,8}s?$/u.test(word);
}
