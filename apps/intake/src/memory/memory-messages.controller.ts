/** What people note, over the bus: the same rules as over HTTP. Who may publish here is decided by NATS credentials, and they vouch for whom they name. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Conflict, createEvent, createMemory, createReminder, createTask, InvalidField, NotFound, searchMemories } from '@carillon/memory';
import type { MemoryServices } from '@carillon/memory';
import { RequestRefused } from '@carillon/messaging';
import { EventSubmit, MemorySearch, MemorySubmit, ReminderSubmit, TaskSubmit } from '@carillon/shared';
import { MEMORY } from './own-only.js';

@Controller()
export class MemoryMessagesController {
  constructor(@Inject(MEMORY) private readonly services: MemoryServices) {}

  @MessagePattern(MemorySubmit.subject)
  memory(@Payload() { user_id: user, ...memory }: MemorySubmit): Promise<object> {
    return refusing(() => createMemory(this.services, user, memory));
  }

  @MessagePattern(TaskSubmit.subject)
  task(@Payload() { user_id: user, ...task }: TaskSubmit): Promise<object> {
    return refusing(() => createTask(this.services, user, task));
  }

  @MessagePattern(ReminderSubmit.subject)
  reminder(@Payload() { user_id: user, ...reminder }: ReminderSubmit): Promise<object> {
    return refusing(() => createReminder(this.services, user, reminder));
  }

  @MessagePattern(EventSubmit.subject)
  event(@Payload() { user_id: user, ...event }: EventSubmit): Promise<object> {
    return refusing(() => createEvent(this.services, user, event));
  }

  @MessagePattern(MemorySearch.subject)
  async search(@Payload() { user_id: user, q }: MemorySearch): Promise<object> {
    return { results: await refusing(() => searchMemories(this.services, user, { q })) };
  }
}

async function refusing<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof InvalidField) throw new RequestRefused('invalid_field', error.message);
    if (error instanceof NotFound) throw new RequestRefused('not_found', error.message);
    if (error instanceof Conflict) throw new RequestRefused('conflict', error.message);
    throw error;
  }
}
