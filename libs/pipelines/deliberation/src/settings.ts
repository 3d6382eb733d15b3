/** Every threshold, interval and limit of deliberation, with its documented default. Read once at boot; nothing else reads the environment. */
import { Setting } from '@carillon/settings';
import { IsIn, IsInt, IsNotEmpty, IsNumber, IsOptional, IsString, IsUrl, Max, Min } from 'class-validator';

/** Durations are in the unit that the name ends with. */
export class DeliberationSettings {
  // Cadence of the batch.
  @Setting('PIPELINE_INTERVAL_HOURS', 'A run starts at the latest this long after the last successful one started.') @IsNumber() @Min(0.001) pipelineIntervalHours = 6;
  @Setting('PIPELINE_MIN_INTERVAL_HOURS', 'No run starts by itself earlier than this after the last one.') @IsNumber() @Min(0) pipelineMinIntervalHours = 0.01;
  @Setting('BATCH_THRESHOLD', 'So many waiting submissions start a run at once.') @IsInt() @Min(1) batchThreshold = 10;
  @Setting('BATCH_POLL_SECONDS', 'How often the threshold and the end of voting cycles are looked at.') @IsNumber() @Min(0.1) batchPollSeconds = 60;
  @Setting('VOTING_CYCLE_HOURS', 'How long a ballot is open.') @IsNumber() @Min(0.001) votingCycleHours = 48;
  @Setting('AUTO_CYCLE_COOLDOWN_HOURS', 'Pause between the end of one voting cycle and the start of the next.') @IsNumber() @Min(0) autoCycleCooldownHours = 1;

  // Grouping.
  @Setting('MIN_CLUSTER_SIZE', 'Fewest candidates that make a group.') @IsInt() @Min(2) minClusterSize = 5;
  @Setting('CLUSTER_MIN_SAMPLES', 'HDBSCAN: how many neighbours make a place dense.') @IsInt() @Min(1) clusterMinSamples = 1;
  @Setting('CLUSTER_SELECTION', 'HDBSCAN: eom (excess of mass, fewer and larger groups) or leaf (more and smaller).') @IsIn(['eom', 'leaf']) clusterSelection: 'eom' | 'leaf' = 'leaf';
  @Setting('CLUSTER_ALLOW_SINGLE', 'HDBSCAN: whether everything may end up in one group.') clusterAllowSingle = false;
  @Setting('CLUSTER_REDUCTION', 'How vectors are reduced before grouping: pca or none.') @IsIn(['pca', 'none']) clusterReduction: 'pca' | 'none' = 'pca';
  @Setting('CLUSTER_DIMENSIONS', 'To how many dimensions.') @IsInt() @Min(2) clusterDimensions = 25;
  @Setting('CLUSTER_NOISE_REACH', 'Noise joins the group whose centre it points to most, when it lies no further out than this share of the members, 0 to 1; 0 leaves it alone.') @IsNumber() @Min(0) @Max(1) clusterNoiseReach = 0;
  @Setting('CLUSTER_RANDOM_SEED', 'Seed of the subsamples of the stability check.') @IsInt() @Min(0) clusterRandomSeed = 7;
  @Setting('CLUSTER_STABILITY_THRESHOLD', 'A group below this mean best-match Jaccard is flagged unstable.') @IsNumber() @Min(0) @Max(1) clusterStabilityThreshold = 0.7;
  @Setting('CLUSTER_STABILITY_MIN_CANDIDATES', 'With fewer candidates the stability check is skipped.') @IsInt() @Min(1) clusterStabilityMinCandidates = 20;
  @Setting('RESUMMARIZE_GROWTH_THRESHOLD', 'A group that grew by this share since its last summary is summarised again.') @IsNumber() @Min(0) resummarizeGrowthThreshold = 0.5;
  @Setting('CLUSTER_MATCH_THRESHOLD', 'A new group with at least this Jaccard overlap with an earlier one is that one.') @IsNumber() @Min(0) @Max(1) clusterMatchThreshold = 0.5;

  // Gates.
  @Setting('MIN_PREBALLOT_ENDORSEMENTS', 'Distinct supporters (submitters and endorsers) that put a group on the ballot.') @IsInt() @Min(1) minPreballotEndorsements = 5;
  @Setting('MAX_BALLOT_SIZE', 'Most groups on one ballot, the rest is carried over; 0 for no limit.') @IsInt() @Min(0) maxBallotSize = 0;
  @Setting('MIN_ACCOUNT_AGE_HOURS', 'How long messaging must have been linked before an account may submit.') @IsNumber() @Min(0) minAccountAgeHours = 48;
  @Setting('REQUIRE_CONTRIBUTION_FOR_VOTE', 'Whether only people with an accepted submission or an endorsement may vote.') requireContributionForVote = true;
  @Setting('MAX_SUBMISSIONS_PER_DAY', 'Submissions of one account in any 24 hours; rejected and blocked ones count.') @IsInt() @Min(1) maxSubmissionsPerDay = 5;
  @Setting('BURST_QUARANTINE_THRESHOLD_COUNT', 'So many submissions of one account within the window are held.') @IsInt() @Min(1) burstQuarantineThresholdCount = 3;
  @Setting('BURST_QUARANTINE_WINDOW_MINUTES', 'That window.') @IsNumber() @Min(0.1) burstQuarantineWindowMinutes = 5;
  @Setting('QUARANTINE_RELEASE_MINUTES', 'A held submission is released after this, once the burst is over.') @IsNumber() @Min(0) quarantineReleaseMinutes = 60;

  @Setting('MAX_VOTE_SUBMISSIONS_PER_CYCLE', 'Votes of one person on one ballot, the first included; the last one counts.') @IsInt() @Min(1) maxVoteSubmissionsPerCycle = 2;
  @Setting('BALLOT_REMINDER_HOURS', 'So long before a ballot ends those who have not voted are reminded, once; 0 for never.') @IsNumber() @Min(0) ballotReminderHours = 24;

  @Setting('DISPUTE_RESOLUTION_CONFIDENCE_THRESHOLD', 'A concern that its group holds less firmly than this goes free when its author says that it is in the wrong one.') @IsNumber() @Min(0) @Max(1) disputeResolutionConfidenceThreshold = 0.75;

  // People who register by themselves.
  @Setting('MAGIC_LINK_EXPIRY_MINUTES', 'How long a sign-in link works, once.') @IsNumber() @Min(1) magicLinkExpiryMinutes = 15;
  @Setting('LINKING_CODE_EXPIRY_MINUTES', 'How long a code for the bot works, once.') @IsNumber() @Min(1) linkingCodeExpiryMinutes = 60;
  @Setting('WEB_ACCESS_TOKEN_EXPIRY_HOURS', 'How long a web session lasts.') @IsNumber() @Min(0.01) webAccessTokenExpiryHours = 720;
  @Setting('SIGN_IN_URL', 'The page that a sign-in link opens; the link adds ?token=… Blank: /deliberation/auth/verify below APP_PUBLIC_BASE_URL.') @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) signInUrl?: string;
  @Setting('MAX_SIGN_IN_LINKS_PER_HOUR', 'Sign-in links sent to one address in any hour.') @IsInt() @Min(1) maxSignInLinksPerHour = 3;
  @Setting('MAX_SIGNUPS_PER_DOMAIN_PER_DAY', 'New people of one e-mail domain in any 24 hours; not for large providers.') @IsInt() @Min(1) maxSignupsPerDomainPerDay = 3;
  @Setting('MAX_SIGNUPS_PER_IP_PER_DAY', 'Sign-in links asked for from one place in any 24 hours.') @IsInt() @Min(1) maxSignupsPerIpPerDay = 10;
  @Setting('SIGNUP_DOMAIN_DIVERSITY_THRESHOLD', 'So many e-mail domains from one place in 24 hours are noted as suspicious.') @IsInt() @Min(1) signupDomainDiversityThreshold = 5;
  @Setting('MAJOR_EMAIL_PROVIDERS', 'Domains that have no limit of their own, comma separated.') majorEmailProviders: string[] = ['gmail.com', 'outlook.com', 'yahoo.com', 'protonmail.com'];
  @Setting('MAX_FAILED_CODES_PER_DAY', 'Wrong linking codes from one chat in 24 hours, after which it has to wait.') @IsInt() @Min(1) maxFailedCodesPerDay = 5;

  // Recovery of what intake could not finish.
  @Setting('PENDING_MAX_ATTEMPTS', 'After so many failed readings by a model the local reader decides.') @IsInt() @Min(1) pendingMaxAttempts = 5;
  @Setting('PENDING_RETRY_MINUTES', 'Wait before a failed reading is tried again, doubled each time.') @IsNumber() @Min(0) pendingRetryMinutes = 5;

  // Language models. Without a base URL everything is done by the local providers.
  @Setting('LLM_BASE_URL', 'An OpenAI-compatible server, up to and including the version, such as https://api.openai.com/v1. Blank: local providers only.') @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) llmBaseUrl?: string;
  @Setting('LLM_API_KEY', 'Its key.', { secret: true }) @IsOptional() @IsString() llmApiKey?: string;
  @Setting('CANONICALIZATION_MODEL', 'Reads submissions. Blank: the local reader.') @IsOptional() @IsString() canonicalizationModel?: string;
  @Setting('CANONICALIZATION_FALLBACK_MODEL', 'Stands in for it.') @IsOptional() @IsString() canonicalizationFallbackModel?: string;
  @Setting('ENGLISH_REASONING_MODEL', 'Summarises groups. Blank: local summaries.') @IsOptional() @IsString() englishReasoningModel?: string;
  @Setting('ENGLISH_REASONING_FALLBACK_MODEL', 'Stands in for it.') @IsOptional() @IsString() englishReasoningFallbackModel?: string;
  @Setting('OPTION_GENERATION_MODEL', 'Writes ballot options. Blank: templates.') @IsOptional() @IsString() optionGenerationModel?: string;
  @Setting('OPTION_GENERATION_FALLBACK_MODEL', 'Stands in for it.') @IsOptional() @IsString() optionGenerationFallbackModel?: string;
  @Setting('EMBEDDING_MODEL', 'Gives text vectors. Blank: the local embedder.') @IsOptional() @IsString() embeddingModel?: string;
  @Setting('EMBEDDING_FALLBACK_MODEL', 'Stands in for it; its vectors are never compared with the others and are replaced later.') @IsOptional() @IsString() embeddingFallbackModel?: string;
  @Setting('LLM_EMBEDDING_DIMENSIONS', 'Dimensions asked of the embedding model; 0 leaves them to the model.') @IsInt() @Min(0) llmEmbeddingDimensions = 0;
  @Setting('LLM_EMBED_BATCH_SIZE', 'Candidates embedded and committed together.') @IsInt() @Min(1) @Max(1000) llmEmbedBatchSize = 64;
  @Setting('LLM_MAX_RETRIES', 'Attempts per model.') @IsInt() @Min(0) llmMaxRetries = 3;
  @Setting('LLM_COMPLETION_RETRY_BACKOFF_BASE_SECONDS', 'First wait between attempts, doubled each time.') @IsNumber() @Min(0) llmCompletionRetryBackoffBaseSeconds = 0.1;
  @Setting('LLM_EMBEDDING_RETRY_BACKOFF_BASE_SECONDS', 'The same for vectors.') @IsNumber() @Min(0) llmEmbeddingRetryBackoffBaseSeconds = 0.5;
  @Setting('LLM_COMPLETION_TIMEOUT_SECONDS', 'Longest time for one answer.') @IsNumber() @Min(0.1) llmCompletionTimeoutSeconds = 60;
  @Setting('LLM_EMBEDDING_TIMEOUT_SECONDS', 'The same for vectors.') @IsNumber() @Min(0.1) llmEmbeddingTimeoutSeconds = 60;
  @Setting('LLM_CONCURRENCY', 'Calls in flight at once.') @IsInt() @Min(1) llmConcurrency = 4;
  @Setting('LLM_DEFAULT_MAX_TOKENS', 'Longest answer, in tokens.') @IsInt() @Min(16) llmDefaultMaxTokens = 1024;
  @Setting('LLM_DEFAULT_TEMPERATURE', 'Temperature of readings.') @IsNumber() @Min(0) @Max(2) llmDefaultTemperature = 0;
  @Setting('LLM_BUDGET_USD_PER_RUN', 'What one run may spend on models, over all processes; then the local providers take over. Blank: no limit. Needs prices.') @IsOptional() @IsNumber() @Min(0) llmBudgetUsdPerRun?: number;
  @Setting('LLM_BUDGET_USD_PER_DAY', 'What deliberation may spend in one day (UTC), intake and runs together, over all processes. Blank: no limit. Needs prices.') @IsOptional() @IsNumber() @Min(0) llmBudgetUsdPerDay?: number;
  @Setting('LLM_PRICES', 'US dollars per million tokens in and out, as model=in/out, comma separated: gpt-x=0.5/1.5.') llmPrices: string[] = [];

  @Setting('LLM_BATCH', 'The server offers the Batch API: summaries and options are asked for together, at a lower price, and come when they come.') llmBatch = false;
  @Setting('LLM_BATCH_PRICE_FACTOR', 'What a batch costs, as a part of the price.') @IsNumber() @Min(0) @Max(1) llmBatchPriceFactor = 0.5;
  @Setting('LLM_BATCH_PATIENCE_MINUTES', 'A batch that is not over by then is cancelled, and everything is asked for one by one.') @IsNumber() @Min(1) @Max(1440) llmBatchPatienceMinutes = 60;
  @Setting('LLM_RECORD_FILE', 'Answers of models are appended to this file, to be played with LLM_REPLAY_FILE.') @IsOptional() @IsString() llmRecordFile?: string;
  @Setting('LLM_REPLAY_FILE', 'Answers of models come from this file, and no server is asked; a question that is not in it is an error. For demonstrations and specs.') @IsOptional() @IsString() llmReplayFile?: string;

  // Witnesses of the daily roots.
  @Setting('WITNESS_API_URL', 'Where daily roots of the evidence are posted, to <url>/anchors. Blank: nowhere.') @IsOptional() @IsUrl({ require_tld: false, require_protocol: true, protocols: ['https', 'http'] }) witnessApiUrl?: string;
  @Setting('WITNESS_API_KEY', 'Its key, sent as bearer token.', { secret: true }) @IsOptional() @IsString() witnessApiKey?: string;
  @Setting('WITNESS_HTTP_TIMEOUT_SECONDS', 'Longest time for one answer of it.') @IsNumber() @Min(0.1) @Max(300) witnessHttpTimeoutSeconds = 20;
  @Setting('WITNESS_ALLOW_PRIVATE', 'Whether it may be inside your own network: any address, and plain http.') witnessAllowPrivate = false;
  @Setting('WITNESS_FILE', 'Absolute path of a file that daily roots are appended to, such as one in a git working copy that is pushed. Blank: none.') @IsOptional() @IsString() witnessFile?: string;

  // Where people read more.
  @Setting('APP_PUBLIC_BASE_URL', 'Where the public pages are; links in messages begin with it.') @IsNotEmpty() @IsUrl({ require_tld: false, require_protocol: true }) appPublicBaseUrl = 'http://localhost:3000';
  @Setting('DELIBERATION_CHANNEL', 'Recipient of public notices, such as an opened ballot.') @IsNotEmpty() @IsString() deliberationChannel = 'channel:deliberation';
}
