/** Which language models may be asked, and for what. Their own server and key: what people note goes to no model because another pipeline has one. */
import { Setting } from '@carillon/settings';
import { IsIn, IsInt, IsNumber, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';

const PRICE = /^\d+(\.\d+)?\/\d+(\.\d+)?$/;
const PRICE_MESSAGE = 'it is two numbers with a slash, such as 0.5/1.5';

export class MemoryModelSettings {
  @Setting('MEMORY_LLM_BASE_URL', 'An OpenAI-compatible server that may be asked for what the rules can not read, up to and including the version, such as http://localhost:8080/v1. Blank: rules alone.') @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) memoryLlmBaseUrl?: string;
  @Setting('MEMORY_LLM_API_KEY', 'Its key.', { secret: true }) @IsOptional() @IsString() memoryLlmApiKey?: string;
  @Setting('MEMORY_LLM_MODEL', 'The model. Blank: rules alone.') @IsOptional() @IsString() memoryLlmModel?: string;
  @Setting('MEMORY_LLM_READS', 'What it is shown: "times", texts alone that are known to be about a time; "notes", every text also that the rules make nothing of, for what is meant by it and for tags.') @IsIn(['times', 'notes']) memoryLlmReads: 'times' | 'notes' = 'times';
  @Setting('MEMORY_LLM_TIMEOUT_SECONDS', 'Longest time for its answer; somebody waits for it.') @IsNumber() @Min(0.1) @Max(120) memoryLlmTimeoutSeconds = 15;
  @Setting('MEMORY_LLM_PRICE', 'US dollars per million tokens in and out, as in/out: 0.5/1.5. Blank: the model costs nothing.') @IsOptional() @Matches(PRICE, { message: PRICE_MESSAGE }) memoryLlmPrice?: string;
  @Setting('MEMORY_LLM_VISION_MODEL', 'A model of the same server that is shown the images that people send to the bot, for a sentence and tags. Blank: none is shown to any.') @IsOptional() @IsString() memoryLlmVisionModel?: string;
  @Setting('MEMORY_LLM_VISION_PRICE', 'Its price, as that of the other.') @IsOptional() @Matches(PRICE, { message: PRICE_MESSAGE }) memoryLlmVisionPrice?: string;
  @Setting('MEMORY_LLM_VISION_MAX_BYTES', 'A larger image is shown to no model.') @IsInt() @Min(1_024) @Max(20 * 1024 * 1024) memoryLlmVisionMaxBytes = 4 * 1024 * 1024;
  @Setting('MEMORY_LLM_BUDGET_USD_PER_DAY', 'What they may cost in one day (UTC), over all processes; then the rules are alone. Blank: no limit. Needs the price.') @IsOptional() @IsNumber() @Min(0) memoryLlmBudgetUsdPerDay?: number;
}
