/** Memory's front door as one value: what intake puts into its module. */
import type { Provider, Type } from '@nestjs/common';
import type { MemoryServices } from '@carillon/memory';
import type { NotifierSettings } from '@carillon/runtime';
import { EventSubmit, MemorySearch, MemorySubmit, ReminderSubmit, TaskSubmit } from '@carillon/shared';
import { ImageBodies } from './image-bodies.js';
import { MemoriesController } from './memories.controller.js';
import { MemoryMessagesController } from './memory-messages.controller.js';
import { MEMORY } from './own-only.js';
import { PeopleController } from './people.controller.js';
import type { TelegramSurface } from '../telegram/surface.js';
import { telegramFiles } from './telegram-files.js';
import { memorySurface } from './telegram-surface.js';
import { SelfController } from './self.controller.js';
import { EventsController, RemindersController, TasksController } from './times.controller.js';

export const memoryControllers: Type[] = [PeopleController, MemoriesController, TasksController, RemindersController, EventsController, SelfController, MemoryMessagesController];
export const memoryMessages = [MemorySubmit, TaskSubmit, ReminderSubmit, EventSubmit, MemorySearch];
/** The bot's side of it; without a bot there are no files to fetch. */
export function memoryOnTelegram(services: MemoryServices, { telegramApiRoot: apiRoot, telegramBotToken: token, telegramHttpTimeoutMs: timeoutMs }: Pick<NotifierSettings, 'telegramApiRoot' | 'telegramBotToken' | 'telegramHttpTimeoutMs'>): TelegramSurface {
  return memorySurface(services, token === undefined ? undefined : telegramFiles({ apiRoot, token, timeoutMs }));
}

export const memoryProviders = (services: MemoryServices): Provider[] => [{ provide: MEMORY, useValue: services }, ImageBodies];
