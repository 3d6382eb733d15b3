/** Ends what the setup started, and any nats-server that a spec forgot. */
import { clearTestFolder } from '../embedded/test-folder.mjs';

export default async function teardown() {
  await clearTestFolder(globalThis.carillonTestFolder);
}
