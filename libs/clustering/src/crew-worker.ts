/** A thread that helps another one: waits for the invitation and takes part until the work is done. If there is nothing to help with, none comes and the thread is ended. */
import { workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { CrewMember } from './crew.js';
import type { CrewInvitation } from './crew.js';

export interface CrewWorkerData {
  /** Where the invitation comes. */
  port: MessagePort;
  /** Number of this thread; the leader is 0. */
  thread: number;
}

const { port, thread } = workerData as CrewWorkerData;
port.once('message', (invitation: CrewInvitation) => {
  port.close();
  new CrewMember(invitation, thread).follow();
});
