import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { itWithReference, referenceData } from '@carillon/testing';
import fc from 'fast-check';
import { analyzeLocally } from './analyze-locally.js';

describe('what is not usable', () => {
  it.each([
    ['', 'empty'],
    [' \n\t ', 'empty'],
    ['Hello!', 'greeting'],
    ['Good morning everyone', 'greeting'],
    ['thank you so much', 'greeting'],
    ['سلام خوبی؟', 'greeting'],
    ['سلام به همه دوستان عزیز', 'greeting'],
    ['😊😊', 'gibberish'],
    ['?!?!', 'gibberish'],
    ['asdf asdfgh qwerty', 'gibberish'],
    ['aaaaaaaaaaaaaaaa', 'gibberish'],
    ['xkcdq bnmtrw zzzkp', 'gibberish'],
    ['شسیبشسیب', 'gibberish'],
    ['ههههههههههه', 'gibberish'],
    ['12', 'gibberish'],
    ['2024 100 7', 'gibberish'],
    ['Arcade Bar', 'too_short'],
    ['Bananas', 'too_short'],
    ['what about you', 'too_short'],
    ['OK', 'no_statement'],
    ['no comment at this time', 'no_statement'],
    ["I don't know", 'no_statement'],
    ['test test', 'no_statement'],
    ['نظری ندارم', 'no_statement'],
    ['Buy cheap followers now! 50% discount, click https://spam.example', 'advertisement'],
    ['Earn $500 a day guaranteed profit with crypto, join my telegram channel', 'advertisement'],
    ['تخفیف ویژه! فروش فالوور ارزان، عضو کانال ما شوید https://t.me/spam', 'advertisement'],
    ['https://example.com/page', 'links_only'],
    ['look https://example.com #wow @you', 'links_only'],
    ['How do I delete my account?', 'platform_question'],
    ['Is this survey anonymous?', 'platform_question'],
    ['Are you a bot?', 'platform_question'],
    ['This forum is run by the mayor and his taxes', 'platform_question'],
    ['Strongly agree. The mayor must go.', 'no_statement'],
    ['I agree with the above', 'no_statement'],
    ['How ridiculous! Somebody said that about the schools too.', 'no_statement'],
    ['این ربات چطور کار می‌کند؟', 'platform_question'],
    ['My girlfriend forgot my birthday and I am sad', 'private_matter'],
    ['I lost my keys again', 'private_matter'],
    ['امروز تولد مادرم است و من خوشحالم', 'private_matter'],
    ['you are all idiots', 'insult_only'],
    ['fuck you', 'insult_only'],
    ['احمق ها', 'insult_only'],
  ])('%j is %s', (text, reason) => {
    expect(analyzeLocally(text)).toMatchObject({ usable: false, reason });
  });
});

describe('what is usable', () => {
  it.each([
    ['Higher minimum wage', 'en', 'support'],
    ['The city should hold an online survey before it sells the park.', 'en', 'support'],
    ['I agree with the council that rents are too high.', 'en', 'unclear'],
    ['More sidewalks!', 'en', 'support'],
    ['Affordable housing', 'en', 'unclear'],
    ['We should not legalize casinos in this state.', 'en', 'oppose'],
    ['Stop building apartments on every piece of farm land', 'en', 'oppose'],
    ['Smoking in public parks should be banned.', 'en', 'oppose'],
    ['I am against the new parking fees downtown.', 'en', 'oppose'],
    ['Why is the road between Shawnee and Patton Way closed?', 'en', 'neutral'],
    ['There are pros and cons to merging the school districts.', 'en', 'neutral'],
    ['My husband lost his job and there is no unemployment benefit for us', 'en', 'support'],
    ['Too much trash everywhere', 'en', 'oppose'],
    ['My wife died waiting for an ambulance', 'en', 'unclear'],
    ['How do I register to vote?', 'en', 'neutral'],
    ['This form of government is corrupt', 'en', 'oppose'],
    ['The politicians in this city are idiots', 'en', 'unclear'],
    ['Hello, we need a real bus system.', 'en', 'support'],
    ['WE NEED FASTER INTERNET IN THE COUNTY', 'en', 'support'],
    ['Casinos. Bring them here.', 'en', 'support'],
    ['The city website should list all permits: https://city.example', 'en', 'support'],
    ['باید مالیات کارگران کمتر شود.', 'fa', 'support'],
    ['با حجاب اجباری مخالفم', 'fa', 'oppose'],
    ['فیلترینگ اینترنت باید متوقف شود', 'fa', 'oppose'],
    ['چرا قیمت مسکن این‌قدر بالا رفته است؟', 'fa', 'neutral'],
    ['هواي تهران آلوده است و مردم بيمار مي‌شوند', 'fa', 'unclear'],
    ['سلام، لطفا جاده روستای ما را آسفالت کنید', 'fa', 'support'],
    ['Die Mieten in der Stadt sind zu hoch', 'other', 'unclear'],
    ['الضرائب على العمال مرتفعة جدا في هذه المدينة', 'other', 'unclear'],
    ['Los alquileres en la ciudad son demasiado altos', 'other', 'unclear'],
  ])('%j (%s, %s)', (text, language, stance) => {
    expect(analyzeLocally(text)).toMatchObject({ usable: true, language, stance });
  });
});

describe('a long text', () => {
  it('is judged like a short one', () => {
    const long = 'Our neighbourhood has waited eleven years for the promised tram, and every spring the council announces another study. Meanwhile rents rise. '.repeat(20);
    expect(analyzeLocally(long)).toMatchObject({ usable: true, language: 'en' });
  });
});

describe('the reading of a usable text', () => {
  const read = (text: string) => {
    const analysis = analyzeLocally(text);
    if (!analysis.usable) throw new Error(`refused as ${analysis.reason}`);
    return analysis;
  };

  it.each([
    ['I think that we need more bike lanes!!!', 'We need more bike lanes'],
    ['No family should be homeless in Warren County.', 'No family should be homeless in Warren County'],
    ['No, the wage tax is too high for workers.', 'The wage tax is too high for workers'],
    ['Build more roads!!! Traffic is terrible here for a small city.', 'Build more roads; traffic is terrible here for a small city'],
    ['NEED A NEW CABLE SYSTEM NOW', 'Need a new cable system now'],
    ['به نظر من قانون مالیات باید تغییر کند.', 'قانون مالیات باید تغییر کند'],
    [
      'Funding and support should be given to the existing city bus lines, to expand their service area and improve accessibility.',
      'Funding and support should be given to the existing city bus lines',
    ],
  ])('titles %j', (text, title) => {
    expect(read(text).title).toBe(title);
  });

  it('names places and bodies', () => {
    expect(read('Bowling Green should pass the URLTA before WKU expands. Ask Warren County.').entities).toEqual(['Bowling Green', 'URLTA', 'WKU', 'Warren County']);
    expect(read('آب دریاچه ارومیه و بودجه وزارت نیرو').entities).toEqual(['دریاچه ارومیه', 'وزارت نیرو']);
  });

  it('summarises in at most three sentences of the text', () => {
    const text = 'The school buses are late. I saw it. Children wait for public buses in the cold near the highway. It was Monday. The city budget must pay for more bus drivers.';
    expect(read(text).summary).toBe('The school buses are late. Children wait for public buses in the cold near the highway. The city budget must pay for more bus drivers.');
  });

  it('keeps numbers and addresses out', () => {
    const { title, summary } = read('Call the mayor at 270-555-0100 or mail mayor@example.org about the taxes.');
    expect(`${title} ${summary}`).not.toMatch(/555|example/);
  });

  it('flags what is doubtful', () => {
    expect(read('Something about that tennis thing').ambiguityFlags).toEqual(['low_confidence', 'no_public_topic', 'stance_unclear']);
    expect(read('1. Fix the city roads. 2. Lower the county taxes.').ambiguityFlags).toEqual(['several_concerns']);
    expect(read('Die Mieten in der Stadt sind zu hoch').ambiguityFlags).toContain('unread_language');
    expect(read('The city should build more sidewalks along public schools.').confidence).toBeGreaterThan(0.9);
  });

  it('holds for any text: a title within bounds, a confidence within 0 and 1, the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('', 'tax ', 'قانون '), (text, start) => {
        const analysis = analyzeLocally(start + text);
        expect(analyzeLocally(start + text)).toEqual(analysis);
        if (!analysis.usable) return;
        expect(analysis.title.split(' ').length).toBeLessThanOrEqual(15);
        expect(analysis.title).not.toBe('');
        expect(analysis.summary).not.toBe('');
        expect(analysis.confidence).toBeGreaterThanOrEqual(0);
        expect(analysis.confidence).toBeLessThanOrEqual(1);
        expect(analysis.ambiguityFlags.includes('low_confidence')).toBe(analysis.confidence < 0.7);
      }),
      { examples: [['㋀', '']] },
    );
  });

  it('takes bounded time on a megabyte', () => {
    const pieces = ['a', 'tax ', '. ', '1. x ', 'A', 'A.', '😊', '\n\n', 'سلام ', 'thank you ', 'good day ', 'no, ', 'nothing to ', 'بتثجم', 'i think ', ') '];
    for (const piece of pieces) analyzeLocally(`${piece.repeat(1_000_000 / piece.length)}x`);
    for (const piece of pieces) analyzeLocally(`${piece.repeat(19_000 / piece.length)}x`);
  });
});

describe('against human moderators', () => {
  itWithReference('polis/bowling-green.jsonl')('refuses under 3 % of the comments they accepted', () => {
    const lines = readFileSync(referenceData('polis/bowling-green.jsonl') ?? '', 'utf8').trim().split('\n');
    const comments = lines.map((line) => JSON.parse(line) as { text: string; moderated: number });
    const accepted = comments.filter(({ moderated }) => moderated === 1);
    const refused = accepted.filter(({ text }) => !analyzeLocally(text).usable);
    expect(refused.length / accepted.length).toBeLessThan(0.03);
  });
});
