/**
 * Whether postings of two boards are the same job. Two conditions: the same company and title, compared without case, punctuation, legal forms and gender marks (that is the
 * likeness, which can be looked up); and texts that agree: of the runs of three words in the shorter one, at least 60 % stand in the other, or one of them says nothing.
 */
import { tokensOf } from '../matching/tokens.js';
import { sha256 } from './job-key.js';

const LEGAL_FORMS = new Set(['inc', 'llc', 'ltd', 'limited', 'gmbh', 'ag', 'se', 'sa', 'sas', 'bv', 'nv', 'corp', 'corporation', 'co', 'company', 'plc', 'oy', 'ab', 'as', 'srl', 'spa', 'pty', 'kg', 'ug']);
/** (m/f/d), (w/m/d), (all genders). */
const GENDERS = /\((?:[a-z]\s*[/|*]\s*)+[a-z]\)|\(all genders\)/giu;
const AGREES = 0.6;
const SHORT = 3;

export function likenessOf({ company, title }: { company: string; title: string }): string {
  return sha256(`${comparableCompany(company)}|${words(title.replaceAll(GENDERS, ' ')).join(' ')}`).slice(0, 32);
}

/** A company's name as names are compared, also for muting. */
export function comparableCompany(name: string): string {
  const all = words(name);
  const kept = all.filter((word) => !LEGAL_FORMS.has(word));
  return (kept.length > 0 ? kept : all).join(' ');
}

/** From 0 to 1: the share of the shorter text's runs of three words that the other has too. */
export function textAgreement(one: string, other: string): number {
  const [a, b] = [shingles(one), shingles(other)];
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  if (small.size === 0) return 1;
  let shared = 0;
  for (const shingle of small) if (large.has(shingle)) shared += 1;
  return shared / small.size;
}

export const sameJob = (one: { description: string }, other: { description: string }): boolean => textAgreement(one.description, other.description) >= AGREES;

function shingles(text: string): Set<string> {
  const all = words(text);
  const found = new Set<string>();
  for (let at = 0; at + SHORT <= all.length; at += 1) found.add(all.slice(at, at + SHORT).join(' '));
  return found;
}

const words = (text: string): string[] => tokensOf(text).map((token) => token.text);
