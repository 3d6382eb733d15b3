/** Dead letters over the bus: `scheduler.dead-letters.list`, `.show`, `.redrive` and `.discard`, from any NATS client that may ask for runs. */
import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { RequestRefused } from '@carillon/messaging';
import type { DeadLetterRow, HandledLetters } from '@carillon/persistence';
import { LetterDesk, UnclearChoice, UnknownLetter } from '@carillon/runtime';
import type { ShownLetter } from '@carillon/runtime';
import { DeadLettersDiscard, DeadLetterShow, DeadLettersList, DeadLettersRedrive } from '@carillon/shared';

/** The bus lets only its operators say this, and does not say which of them it was. */
const BY = 'an operator on the bus';

@Controller()
export class DeadLetterMessagesController {
  constructor(private readonly desk: LetterDesk) {}

  @MessagePattern<string>(DeadLettersList.subject)
  list(@Payload() filter: DeadLettersList): Promise<DeadLetterRow[]> {
    return this.desk.list(filter);
  }

  @MessagePattern<string>(DeadLetterShow.subject)
  show(@Payload() { id }: DeadLetterShow): Promise<ShownLetter> {
    return asked(() => this.desk.show(id));
  }

  @MessagePattern<string>(DeadLettersRedrive.subject)
  redrive(@Payload() choice: DeadLettersRedrive): Promise<HandledLetters> {
    return asked(() => this.desk.redrive(choice, BY));
  }

  @MessagePattern<string>(DeadLettersDiscard.subject)
  discard(@Payload() choice: DeadLettersDiscard): Promise<HandledLetters> {
    return asked(() => this.desk.discard(choice, BY));
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnknownLetter) throw new RequestRefused('unknown_dead_letter', error.message);
    if (error instanceof UnclearChoice) throw new RequestRefused('unclear_choice', error.message);
    throw error;
  }
}
