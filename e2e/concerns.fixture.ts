/** Concerns of an invented town by the hundred: a few topics, many voices, no two texts the same. */

const TOPICS = [
  ['The bus', 'comes too late for people who work early', 'the council should pay for an earlier service'],
  ['The cycle lane', 'ends in the middle of the traffic', 'it needs a kerb between bicycles and cars'],
  ['The rent', 'went up twice this year and families move away', 'the town should build homes that people can afford'],
  ['The library', 'closes before schoolchildren can use it', 'it should be open on Saturdays again'],
  ['The river', 'floods the cellars every winter', 'the dam has to be raised before the next storm'],
  ['The rubbish collection', 'leaves full bins for weeks', 'bins should be emptied every Tuesday'],
  ['The playground', 'has a broken swing and no shade', 'the council should plant trees beside it'],
  ['The hospital', 'sends people away at night', 'it needs more nurses and a doctor after dark'],
  ['The street lighting', 'is off where people walk home', 'better lamps would make the path safe'],
  ['The school lunch', 'is cold and has too much sugar', 'the kitchen should cook with food from nearby farms'],
] as const;
const STREETS = ['Mill Lane', 'Station Road', 'Church Street', 'Harbour Way', 'Orchard Close', 'Bridge Street', 'King Street', 'Park Avenue', 'Chapel Hill', 'Market Square'] as const;

/** The text with this number; the same number gives the same text. */
export function concern(number: number): string {
  const [subject, problem, wish] = TOPICS[number % TOPICS.length] ?? TOPICS[0];
  const street = STREETS[Math.floor(number / TOPICS.length) % STREETS.length];
  return `${subject} near ${street} ${problem}. I have lived at number ${number + 1} for years, and I think ${wish}.`;
}
