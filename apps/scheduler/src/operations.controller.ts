/** What an operator looks at: living services. */
import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { livingServices } from '@carillon/persistence';
import type { ServiceRow } from '@carillon/persistence';
import { Needs } from '@carillon/runtime';
import { DataSource } from 'typeorm';

/** A service that has not beaten for this long is not listed as living. */
const LIVING_WITHIN_MS = 15_000;

@ApiBearerAuth()
@Needs('read')
@Controller()
export class OperationsController {
  constructor(private readonly dataSource: DataSource) {}

  @Get('services')
  services(): Promise<ServiceRow[]> {
    return livingServices(this.dataSource, LIVING_WITHIN_MS);
  }
}
