/** Collective deliberation: free-text concerns in, groups, options, ballots and checkable evidence out. */
export { deliberationEntities, deliberationMigrations } from './entities.js';
export { Account, Candidate, IntakeAttempt, Submission } from './entities-intake.js';
export type { Language, Locale, Stance, SubmissionStatus } from './entities-intake.js';
export { Cluster, ClusterChange, ClusteringAssignment, ClusteringRun, ClusterMember, PolicyOption } from './entities-groups.js';
export type { Localized } from './entities-groups.js';
export { BallotItem, BallotOption, Endorsement, Vote, VotingCycle } from './entities-ballots.js';
export type { Selection } from './entities-ballots.js';
export { Evidence, EvidencePrivate, EvidenceRoot } from './entities-evidence.js';
export { DeliberationSettings } from './settings.js';
export { createDeliberationServices } from './services.js';
export type { DeliberationServices } from './services.js';
export { appendEvidence, EVIDENCE_EVENTS } from './evidence/append-evidence.js';
export type { EvidenceEvent, NewEvidence } from './evidence/append-evidence.js';
export { InvalidDeliberationSettings, InvalidSubmission, UnknownEvidenceEvent } from './errors.js';
