/**
 * The threads of one clustering and how they share its work. One of them leads: it opens a phase, takes tasks from a counter like everyone else, and goes on when all have
 * left. The others may come late or never; then the leader does their part. All results are the same for any number of threads, because every task either has its own
 * place to write to or leaves a set whose order does not matter.
 */
import { squareTask } from './block-tasks.js';
import { PairCollector } from './light-pairs.js';
import { nearPairsOver } from './near-pairs.js';
import { Certifier, searchBlocks } from './nearest-points.js';
import type { Points } from './points.js';
import { packGroups } from './quantized-points.js';
import type { SharedMemory, WasmModule } from './web-assembly.js';
import { Control, Workspace } from './workspace.js';
import type { WorkspacePlan } from './workspace.js';

/** What there is to do; the task's number says where. */
export const Work = { SEARCH: 0, CERTIFY: 1, COLLECT_NEAR: 2, COLLECT_LIGHT: 3, PACK: 4, LEAVE: 5 } as const;
export type Work = (typeof Work)[keyof typeof Work];

/** All that a thread needs to take part: plain values and shared memory. */
export interface CrewInvitation {
  plan: WorkspacePlan;
  memory: SharedMemory;
  module: WasmModule | undefined;
  /** In shared memory. */
  points: Points;
}

export class CrewMember {
  readonly workspace: Workspace;
  private readonly tasks: Record<Exclude<Work, 5>, (task: number) => void>;

  constructor({ plan, memory, module, points }: CrewInvitation, thread: number) {
    const workspace = Workspace.over(plan, memory);
    const near = nearPairsOver(memory, module);
    const certifier = new Certifier(workspace, points);
    const collector = new PairCollector(workspace, points, near, thread);
    const space = workspace.threads[thread]!;
    const pair = (task: number): [number, number] => squareTask(task, workspace.blocks);
    this.workspace = workspace;
    this.tasks = {
      [Work.SEARCH]: (task) => searchBlocks(workspace, space, near, ...pair(task)),
      [Work.CERTIFY]: (task) => certifier.certify(task),
      [Work.COLLECT_NEAR]: (task) => collector.collectNear(...pair(task)),
      [Work.COLLECT_LIGHT]: (task) => collector.collectLight(...pair(task)),
      [Work.PACK]: (task) => (workspace.errors[thread] = Math.max(workspace.errors[thread]!, packGroups(points, workspace, task))),
    };
  }

  /** Takes tasks of the open phase until none is left. */
  takePart(onTask: (task: number) => void = () => {}): void {
    const { control } = this.workspace;
    const work = this.tasks[control[Control.WORK] as Exclude<Work, 5>];
    const tasks = control[Control.TASKS]!;
    for (let task = Atomics.add(control, Control.NEXT_TASK, 1); task < tasks; task = Atomics.add(control, Control.NEXT_TASK, 1)) {
      work(task);
      onTask(task);
    }
  }

  /** A follower's life: waits for phases and takes part in each until the leader says that it was the last. Blocks the thread. */
  follow(): void {
    const { control } = this.workspace;
    for (let seen = 0; ; ) {
      Atomics.wait(control, Control.PHASE, seen);
      seen = Atomics.load(control, Control.PHASE);
      // Odd phases are open, even ones closed.
      if (seen % 2 === 0) continue;
      Atomics.add(control, Control.ACTIVE, 1);
      try {
        // Whoever is too late for a phase must not take a task of the next one for one of this.
        if (Atomics.load(control, Control.PHASE) !== seen) continue;
        if (control[Control.WORK] === Work.LEAVE) return;
        this.takePart();
      } catch (error) {
        Atomics.store(control, Control.FAILED, 1);
        throw error;
      } finally {
        Atomics.sub(control, Control.ACTIVE, 1);
        Atomics.notify(control, Control.ACTIVE);
      }
    }
  }

  /** The leader's part of a phase: returns when every task is done. */
  lead(work: Work, tasks: number, onTask?: (task: number) => void): void {
    const { control } = this.workspace;
    control[Control.WORK] = work;
    control[Control.TASKS] = tasks;
    Atomics.store(control, Control.NEXT_TASK, 0);
    Atomics.add(control, Control.PHASE, 1);
    Atomics.notify(control, Control.PHASE);
    if (work !== Work.LEAVE) this.takePart(onTask);
    if (work === Work.LEAVE) return;
    Atomics.add(control, Control.PHASE, 1);
    for (let active = Atomics.load(control, Control.ACTIVE); active > 0; active = Atomics.load(control, Control.ACTIVE)) Atomics.wait(control, Control.ACTIVE, active);
    if (Atomics.load(control, Control.FAILED)) throw new Error('A thread of the clustering failed; its own error says why.');
  }
}
