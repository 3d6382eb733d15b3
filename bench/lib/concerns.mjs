/**
 * Concerns of a town that does not exist: texts from word lists, and vectors shaped like those of sentences (few directions with most of the variance, a common
 * one for all, a little of every other), so that grouping them costs what it would cost with real ones. Some belong to planted groups, the others are alone.
 */
import { seededRandom } from './random.mjs';

/**
 * @typedef {object} Concern
 * @property {string} text what the person wrote
 * @property {string} title
 * @property {string} summary
 * @property {'support' | 'oppose' | 'neutral'} stance
 * @property {Float32Array} vector of length 1
 */

export const DIMENSIONS = 512;
/** One planted group for so many concerns: their number grows with the town, and with it the work per group. */
const CONCERNS_PER_GROUP = 100;
const SHARE_IN_GROUPS = 0.6;
/** Directions in which meanings differ, the later ones less. */
const MEANINGS = 32;
/** How far the members of a group spread, as a share of how far groups do. */
const SPREAD = 0.4;
const AMBIENT = 0.02;

/** The same for the same count and seed. @param {number} count @param {number} [seed] @returns {{ concerns: Concern[], groups: number }} */
export function syntheticConcerns(count, seed = 20_260_101) {
  const random = seededRandom(seed + count);
  const axes = Array.from({ length: MEANINGS + 1 }, () => direction(random));
  const topics = SUBJECTS.flatMap((subject) => ASPECTS.map((aspect) => ({ subject, aspect })));
  const groups = Array.from({ length: Math.max(2, Math.floor(count / CONCERNS_PER_GROUP)) }, (_, index) => ({
    topic: topics[(index * 37) % topics.length],
    meaning: meaning(random),
  }));
  const concerns = Array.from({ length: count }, () => {
    const group = random.uniform() < SHARE_IN_GROUPS ? random.pick(groups) : undefined;
    const own = meaning(random);
    const meant = group ? group.meaning.map((value, index) => value + SPREAD * own[index]) : own;
    return { ...texts(group?.topic ?? random.pick(topics), random), vector: vectorOf(meant, axes, random) };
  });
  return { concerns, groups: groups.length };
}

function meaning(random) {
  return Array.from({ length: MEANINGS }, (_, index) => random.normal() / Math.sqrt(index + 1));
}

function direction(random) {
  const vector = Float64Array.from({ length: DIMENSIONS }, () => random.normal());
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** The last axis is what all sentences share. */
function vectorOf(meant, axes, random) {
  const vector = Float64Array.from({ length: DIMENSIONS }, (_, k) => axes[MEANINGS][k] + AMBIENT * random.normal());
  meant.forEach((value, index) => {
    const axis = axes[index];
    for (let k = 0; k < DIMENSIONS; k += 1) vector[k] += value * axis[k];
  });
  let square = 0;
  for (const value of vector) square += value * value;
  return Float32Array.from(vector, (value) => value / Math.sqrt(square));
}

function texts({ subject, aspect }, random) {
  const place = random.pick(PLACES);
  const summary = `The ${subject} ${place} ${random.pick(COMPLAINTS)}, and the ${aspect} ${random.pick(CONSEQUENCES)}. ${random.pick(WISHES)} the ${aspect} of the ${subject}.`;
  return { text: `${random.pick(OPENINGS)} ${summary}`, title: `${random.pick(TITLES)} ${aspect} of the ${subject}`, summary, stance: random.pick(STANCES) };
}

const STANCES = ['support', 'support', 'support', 'oppose', 'neutral'];
const SUBJECTS = `bus stops;tram line;cycle lanes;street lamps;primary school;public library;swimming pool;recycling centre;river path;town square;weekly market;health clinic;housing office;
  parking garage;playground;community garden;fire station;youth club;night bus;water main;drainage ditch;noise barrier;city hall counter;dog park;sports hall;music school;ferry pier;railway crossing;
  pedestrian bridge;skate park;broadband cable;district heating;tree nursery;animal shelter;cemetery;open-air theatre;toll booth;industrial estate;kindergarten;retirement home`
  .split(';').map((word) => word.trim());
const ASPECTS = ['opening hours', 'safety', 'fees', 'cleaning', 'accessibility', 'staffing', 'maintenance', 'signage', 'lighting', 'capacity', 'funding', 'heating'];
const PLACES = ['downtown', 'in the old quarter', 'near the station', 'on the north side', 'beside the hospital', 'along the canal', 'by the college', 'in our neighbourhood', 'at the city limits', 'on Mill Street'];
const COMPLAINTS = ['gets worse every winter', 'has been neglected for years', 'serves far too few families', 'confuses visitors', 'was promised and never finished', 'breaks down every other week', 'worries parents', 'costs more than it should'];
const CONSEQUENCES = ['keeps elderly neighbours at home', 'drives customers away', 'makes commuters late', 'leaves children waiting', 'is discussed at every meeting', 'has led to two accidents', 'divides the residents', 'no longer meets the standard'];
const WISHES = ['The council should review', 'Please invest in', 'We ask for a vote on', 'Residents would gladly help with', 'An independent report should look at', 'The budget must cover', 'Volunteers could improve', 'Nobody should cut'];
const OPENINGS = ['Good evening.', 'I have lived here for ten years.', 'As a parent I write for the third time.', 'My neighbours agree with me.', 'This is urgent.'];
const TITLES = ['Better', 'Rethink the', 'More money for the', 'Fairer', 'Keep the', 'Improve the'];
