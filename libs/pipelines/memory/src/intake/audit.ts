/** Who did what to a person's things, for that person. */
import type { MemoryServices } from '../services.js';
import { listAudit } from '../store/audit.js';
import type { AuditFilter, AuditView } from '../store/audit.js';
import { acting } from './acting.js';

export const auditOf = (services: MemoryServices, userId: string, filter: AuditFilter = {}): Promise<AuditView[]> => acting(services, userId, ({ manager }) => listAudit(manager, userId, filter));
