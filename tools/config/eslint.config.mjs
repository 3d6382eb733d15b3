import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom. One direction: app → pipeline/runtime → outside → engine/pure → shared; `testing` and `harness` only from specs, e2e and bench. */
const arrows = [
  { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:runtime', 'layer:pipeline', 'layer:outside', 'layer:calendar', 'layer:pure', 'layer:engine', 'layer:shared'] },
  { sourceTag: 'layer:pipeline', onlyDependOnLibsWithTags: ['layer:outside', 'layer:calendar', 'layer:pure', 'layer:engine', 'layer:shared'] },
  { sourceTag: 'layer:runtime', onlyDependOnLibsWithTags: ['layer:outside', 'layer:pure', 'layer:engine', 'layer:shared'] },
  { sourceTag: 'layer:outside', onlyDependOnLibsWithTags: ['layer:pure', 'layer:engine', 'layer:shared'] },
  { sourceTag: 'layer:calendar', onlyDependOnLibsWithTags: ['layer:engine'] },
  { sourceTag: 'layer:engine', onlyDependOnLibsWithTags: ['layer:shared'] },
  { sourceTag: 'layer:pure', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'layer:shared', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'layer:testing', onlyDependOnLibsWithTags: ['layer:outside', 'layer:engine', 'layer:shared', 'layer:runtime'] },
  { sourceTag: 'layer:harness', onlyDependOnLibsWithTags: ['layer:outside', 'layer:engine', 'layer:shared', 'layer:testing'] },
];
const specs = ['**/*.spec.ts', '**/*.fixture.ts', '{apps,libs}/*/spec/**', 'e2e/**', 'bench/**'];
/** Packages that would let the outside into a room that must stay pure. */
const outside = (...names) => ({ 'no-restricted-imports': ['error', { patterns: [{ group: names, message: 'This room stays free of it: see docs/map.md.' }] }] });

export default tseslint.config(
  { ignores: ['**/dist/**', 'program/**', '**/node_modules/**', '.carillon/**', '.nx/**', 'coverage/**', 'libs/clustering/kernel/*.as.ts'] },
  ...tseslint.configs.recommended,
  { plugins: { '@nx': nx } },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['{apps,libs}/**/*.ts'],
    ignores: specs,
    rules: { '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints: arrows }] },
  },
  { files: ['libs/{engine,calendar,clustering,evidence,texts,settings,shared}/src/**/*.ts'], ignores: specs, rules: outside('@nestjs/*', 'typeorm', 'pg', '@nats-io/*', 'node:fs*', 'node:http*') },
  { files: ['libs/pipelines/**/*.ts'], ignores: specs, rules: outside('@nestjs/*', '@nats-io/*') },
  {
    files: ['**/*.spec.ts', 'libs/testing/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', { selector: "MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|todo)$/]", message: 'No focused or skipped tests.' }] },
  },
  { files: ['apps/cli/**', 'bench/**', 'chaos/**', 'tools/**', 'e2e/**'], rules: { 'no-console': 'off' } },
  { files: ['chaos/process/start.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['**/*.mjs'], rules: { 'no-undef': 'error', '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] }, languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', fetch: 'readonly', Buffer: 'readonly', setTimeout: 'readonly', setImmediate: 'readonly', performance: 'readonly', clearTimeout: 'readonly', AbortController: 'readonly', AbortSignal: 'readonly' } } },
);
