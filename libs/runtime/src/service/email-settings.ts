/** How the notifier sends e-mail. */
import { IsBoolean, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { Setting } from '@carillon/settings';

export class EmailSettings {
  @Setting('SMTP_URL', 'The mail server: smtp://user:password@host:587 or smtps://…:465. Without one every e-mail notice is recorded as a dry run.', { secret: true })
  @IsOptional()
  @IsString()
  @Matches(/^smtps?:\/\/\S+$/, { message: 'it is an smtp or smtps URL' })
  smtpUrl?: string;

  @Setting('SMTP_FROM', 'Whom letters come from: Carillon <carillon@example.org>. Needed with SMTP_URL.')
  @IsOptional()
  @IsString()
  @Matches(/^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/, { message: 'it is an address, or a name and <an address>' })
  smtpFrom?: string;

  @Setting('SMTP_REQUIRE_TLS', 'Whether a server that offers no TLS is refused. False only for one on the same machine.')
  @IsBoolean()
  smtpRequireTls = true;

  @Setting('SMTP_TIMEOUT_MS', 'How long the mail server may take for each of its answers.')
  @IsInt()
  @Min(100)
  @Max(300_000)
  smtpTimeoutMs = 30_000;

  @Setting('SMTP_PER_SECOND', 'Letters per second at most, over all notifiers; 0 is no limit.')
  @IsInt()
  @Min(0)
  @Max(10_000)
  smtpPerSecond = 0;

  @Setting('SMTP_CONNECTIONS', 'Connections that this process keeps open to the mail server.')
  @IsInt()
  @Min(1)
  @Max(50)
  smtpConnections = 2;
}
