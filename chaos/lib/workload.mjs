/** What is asked of the engine while it is harmed, in words that both the harmed processes and whoever checks them know. */

/** Named in two places: the step passes it, and the list of crash points has it. */
export const EFFECT_OUTSIDE = 'step: after its effect outside';

/** The steps of the pipeline `chime`, in two versions of the code. */
export const STEP_LISTS = { old: ['first', 'second', 'third'], new: ['first', 'between', 'third', 'last'] };

/** These have no last write of their own, so they are settled together with others. Their record in the ledger is what is counted. */
export const WITHOUT_WRITE = ['second', 'between'];

/** One effect of a run: what is counted. @param {string} run @param {string} step */
export const effectName = (run, step) => `${run} ${step}`;
