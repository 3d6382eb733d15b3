/** The door through which due steps reach whichever service owns them. */
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { StepDue } from '@carillon/shared';
import { StepWorker } from './step-worker.js';

@Controller()
export class StepController {
  constructor(private readonly worker: StepWorker) {}

  @EventPattern<string>(StepDue.subject)
  run(@Payload() message: StepDue): Promise<void> {
    return this.worker.handle(message);
  }
}
