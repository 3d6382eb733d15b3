/** Every way in which the bot's front door can be set up wrongly. */

/** The settings contradict each other. */
export class InvalidTelegramSettings extends Error {
  override readonly name = 'InvalidTelegramSettings';
}

/** Two pipelines want the same name or the same command. */
export class SurfaceClash extends Error {
  override readonly name = 'SurfaceClash';
}
