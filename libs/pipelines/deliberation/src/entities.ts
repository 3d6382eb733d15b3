/** The list that an app hands to its data source: every row class and every migration of this pipeline. */
import type { MigrationInterface } from 'typeorm';
import { BallotItem, BallotOption, Endorsement, Vote, VotingCycle } from './entities-ballots.js';
import { Evidence, EvidencePrivate, EvidenceRoot, RootPublicationRow } from './entities-evidence.js';
import { Cluster, ClusterChange, ClusteringAssignment, ClusteringRun, ClusterMember, PolicyOption } from './entities-groups.js';
import { Account, Candidate, IntakeAttempt, Submission } from './entities-intake.js';
import { ModelBatch } from './entities-models.js';
import { ClusterExclusion, ClusterMembership, Dispute, EmailLink, FailedCode, Secret, SignupAttempt } from './entities-people.js';
import { Deliberation1764000000000 } from './migrations/1764000000000-deliberation.js';
import { People1768010000000 } from './migrations/1768010000000-people.js';
import { Witnesses1768100000000 } from './migrations/1768100000000-witnesses.js';
import { PromptVersions1768100000001 } from './migrations/1768100000001-prompt-versions.js';
import { SleepingClusters1769000000000 } from './migrations/1769000000000-sleeping-clusters.js';
import { ModelBatches1769060000000 } from './migrations/1769060000000-model-batches.js';

export const deliberationEntities: (new () => object)[] = [
  ...[Account, Submission, IntakeAttempt, Candidate],
  ...[Cluster, ClusterMember, ClusteringRun, ClusteringAssignment, ClusterChange, PolicyOption],
  ...[ClusterMembership, ClusterExclusion, EmailLink, Secret, SignupAttempt, FailedCode, Dispute],
  ...[Endorsement, VotingCycle, BallotItem, BallotOption, Vote],
  ...[Evidence, EvidencePrivate, EvidenceRoot, RootPublicationRow],
  ModelBatch,
];

export const deliberationMigrations: (new () => MigrationInterface)[] = [Deliberation1764000000000, People1768010000000, Witnesses1768100000000, PromptVersions1768100000001, SleepingClusters1769000000000, ModelBatches1769060000000];
