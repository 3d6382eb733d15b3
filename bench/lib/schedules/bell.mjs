/** The pipeline that the schedules of this benchmark ring: one step that does nothing. */
import { done, manual, pipeline, step } from '@carillon/engine';

export const PIPELINE = 'bench';
export const bell = pipeline(PIPELINE, { does: 'nothing', trigger: manual(), steps: [step('only', { does: 'nothing', run: async () => done() })] });
