/** Configuration: a class of settings, read once from the environment, validated at boot, listed for people. */
export { InvalidSettings, listSettings, readSettings, Setting } from './settings.js';
export type { ListedSetting } from './settings.js';
