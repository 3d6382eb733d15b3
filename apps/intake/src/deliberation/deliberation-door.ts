/** Deliberation's front door as one value: what intake puts into its module, and the bot's side of it. */
import type { Provider, Type } from '@nestjs/common';
import { Accounts, DeliberationSettings, Intake, Linking, SignIn } from '@carillon/deliberation';
import type { DeliberationServices } from '@carillon/deliberation';
import { SubmissionSubmit } from '@carillon/shared';
import type { TelegramSurface } from '../telegram/surface.js';
import { AccountsController } from './accounts.controller.js';
import { AuthController } from './auth.controller.js';
import { DELIBERATION_SERVICES, DisputesController } from './disputes.controller.js';
import { EvidenceController } from './evidence.controller.js';
import { GroupingsController } from './groupings.controller.js';
import { MeController } from './me.controller.js';
import { PersonGuard } from './person.guard.js';
import { PublicPlace } from './public-place.js';
import { PublicController } from './public.controller.js';
import { SubmissionMessagesController } from './submission-messages.controller.js';
import { SubmissionsController } from './submissions.controller.js';
import { deliberationSurface } from './telegram-surface.js';
import { VotingController } from './voting.controller.js';

const programs: Type[] = [SubmissionsController, SubmissionMessagesController, AccountsController, PublicController, GroupingsController, EvidenceController];
const people: Type[] = [AuthController, MeController, VotingController, DisputesController];
export const deliberationControllers: Type[] = [...programs, ...people];
export const deliberationMessages = [SubmissionSubmit];

export function deliberationOnTelegram({ dataSource, settings, ...rest }: DeliberationServices): TelegramSurface {
  return deliberationSurface({ dataSource, settings, intake: new Intake({ dataSource, settings, ...rest }), linking: new Linking(dataSource, settings) });
}

export const deliberationProviders = (services: DeliberationServices): Provider[] => {
  const { dataSource, settings } = services;
  return [
    { provide: DELIBERATION_SERVICES, useValue: services },
    { provide: DeliberationSettings, useValue: settings },
    { provide: Intake, useValue: new Intake(services) },
    { provide: Accounts, useValue: new Accounts(dataSource) },
    { provide: SignIn, useValue: new SignIn(dataSource, settings) },
    { provide: Linking, useValue: new Linking(dataSource, settings) },
    { provide: PublicPlace, useValue: new PublicPlace(settings) },
    PersonGuard,
  ];
};
