/** How the notifier posts to Slack. */
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { Setting } from '@carillon/settings';

export class SlackSettings {
  @Setting('SLACK_WEBHOOK_URL', 'The incoming webhook for recipients that have none of their own. Without any, every Slack notice is recorded as a dry run.', { secret: true })
  @IsOptional()
  @IsString()
  @Matches(/^https?:\/\/\S+$/, { message: 'it is an http or https URL' })
  slackWebhookUrl?: string;

  @Setting('SLACK_WEBHOOK_ROOT', 'What every webhook begins with; nothing else is ever posted to.')
  @Matches(/^https?:\/\/\S+\/$/, { message: 'it is an http or https URL with a slash at the end' })
  slackWebhookRoot = 'https://hooks.slack.com/';

  @Setting('SLACK_HTTP_TIMEOUT_MS', 'How long one request to Slack may take.')
  @IsInt()
  @Min(100)
  @Max(300_000)
  slackHttpTimeoutMs = 30_000;

  @Setting('SLACK_INTERVAL_MS', 'The least time between two messages to the same webhook, over all notifiers.')
  @IsInt()
  @Min(0)
  @Max(60_000)
  slackIntervalMs = 1_000;
}
