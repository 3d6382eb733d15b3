/** What of a posting is matched; a stored row and one that was just fetched both have it. */
import type { EmploymentType, PayPeriod } from '../config/config.js';

export const FIELDS = ['title', 'description', 'location'] as const;
export type Field = (typeof FIELDS)[number];

export interface Salary {
  min?: number;
  max?: number;
  currency: string;
  per: PayPeriod;
}

/** What boards tell besides the text; absent where they do not. */
export interface PostingDetails {
  remote?: boolean;
  countries?: string[];
  cities?: string[];
  employmentType?: EmploymentType;
  department?: string;
  team?: string;
  salary?: Salary;
}

export interface MatchablePosting {
  title: string;
  description: string;
  location: string | null;
  company: string;
  details: PostingDetails;
  postedAt: Date | null;
  firstSeenAt: Date;
}
