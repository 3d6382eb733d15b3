import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const { exclude: _specsAreNotShipped, ...swc } = JSON.parse(readFileSync(new URL('./swcrc.json', import.meta.url), 'utf8'));

/** One configuration for every project: specs sit beside the file they test, libraries resolve to their sources. */
export default {
  rootDir: '../..',
  roots: ['apps', 'libs', 'tools', 'e2e', 'bench', 'chaos'].filter((folder) => existsSync(resolve(root, folder))).map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.spec.ts', '**/*.spec.mjs'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.carillon/', '<rootDir>/.nx/'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  // Ends what hangs, and says nothing about speed: the same specs run on machines of very different ones, with others beside them.
  testTimeout: 180_000,
  // Jest's own choice on two processors is one spec at a time, and the specs that start servers and processes mostly wait. Three at a time were no quicker there.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  globalSetup: '<rootDir>/tools/config/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/tools/config/jest-global-teardown.mjs',
  reporters: ['default', '<rootDir>/tools/config/jest-closing-line.mjs'],
};
