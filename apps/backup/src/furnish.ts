/** What the backup service puts into the house: one controller. */
import type { DynamicModule } from '@nestjs/common';
import type { House, Rooms } from '@carillon/runtime';
import { BackupRequest, BackupStatus } from '@carillon/shared';
import { DataSource } from 'typeorm';
import { BackupController, LOG } from './backup.controller.js';

class BackupModule {}

export function furnish({ log, dataSource }: Pick<House, 'log' | 'dataSource'>): Rooms {
  const module: DynamicModule = { module: BackupModule, controllers: [BackupController], providers: [
    { provide: LOG, useValue: log },
    { provide: DataSource, useValue: dataSource },
  ] };
  return { module, mustHandle: [BackupStatus, BackupRequest] };
}
