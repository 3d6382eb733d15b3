/** Which language model may be asked for a time. Its own server and key: what people note goes to no model because another pipeline has one. */
import { Setting } from '@carillon/settings';
import { IsNumber, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';

export class MemoryModelSettings {
  @Setting('MEMORY_LLM_BASE_URL', 'An OpenAI-compatible server that may be asked for times which the rules can not read, up to and including the version, such as http://localhost:8080/v1. Blank: rules alone.') @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) memoryLlmBaseUrl?: string;
  @Setting('MEMORY_LLM_API_KEY', 'Its key.', { secret: true }) @IsOptional() @IsString() memoryLlmApiKey?: string;
  @Setting('MEMORY_LLM_MODEL', 'The model. Blank: rules alone.') @IsOptional() @IsString() memoryLlmModel?: string;
  @Setting('MEMORY_LLM_TIMEOUT_SECONDS', 'Longest time for its answer; somebody waits for it.') @IsNumber() @Min(0.1) @Max(120) memoryLlmTimeoutSeconds = 15;
  @Setting('MEMORY_LLM_PRICE', 'US dollars per million tokens in and out, as in/out: 0.5/1.5. Blank: the model costs nothing.') @IsOptional() @Matches(/^\d+(\.\d+)?\/\d+(\.\d+)?$/, { message: 'it is two numbers with a slash, such as 0.5/1.5' }) memoryLlmPrice?: string;
  @Setting('MEMORY_LLM_BUDGET_USD_PER_DAY', 'What reading times may cost in one day (UTC), over all processes; then the rules are alone. Blank: no limit. Needs the price.') @IsOptional() @IsNumber() @Min(0) memoryLlmBudgetUsdPerDay?: number;
}
