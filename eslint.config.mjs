import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import ts from 'typescript-eslint';

const core = ['type:core'];

export default ts.config(
  {
    ignores: [
      '**/dist',
      '**/coverage',
      '**/.nx',
      '**/runs',
      '**/node_modules',
      '**/*.cjs',
      'docs/**',
      'tools/e2e/consumer/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...ts.configs.recommendedTypeChecked],
    // One program of everything: with a project for each package, each learns the types of core, and of TensorFlow.js,
    // again.
    languageOptions: { parserOptions: { project: 'tsconfig.lint.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [],
          depConstraints: [
            { sourceTag: 'type:core', onlyDependOnLibsWithTags: core },
            { sourceTag: 'type:backend', onlyDependOnLibsWithTags: core },
            { sourceTag: 'type:conformance', onlyDependOnLibsWithTags: core },
            { sourceTag: 'type:variant', onlyDependOnLibsWithTags: [...core, 'type:conformance'] },
            { sourceTag: 'type:base', onlyDependOnLibsWithTags: [...core, 'type:conformance'] },
            { sourceTag: 'type:lets', onlyDependOnLibsWithTags: [...core, 'type:conformance'] },
            { sourceTag: 'type:graph', onlyDependOnLibsWithTags: core },
            { sourceTag: 'type:data', onlyDependOnLibsWithTags: core },
            { sourceTag: 'type:dataset', onlyDependOnLibsWithTags: [...core, 'type:data'] },
            { sourceTag: 'type:blocks', onlyDependOnLibsWithTags: core },
            { sourceTag: 'type:model', onlyDependOnLibsWithTags: [...core, 'type:blocks', 'type:graph'] },
            {
              sourceTag: 'type:training',
              onlyDependOnLibsWithTags: [...core, 'type:data', 'type:backend', 'type:graph'],
            },
            { sourceTag: 'type:analysis', onlyDependOnLibsWithTags: [...core, 'type:graph', 'type:training'] },
            {
              sourceTag: 'type:experiments',
              onlyDependOnLibsWithTags: [
                ...core,
                'type:data',
                'type:lets',
                'type:backend',
                'type:training',
                'type:analysis',
              ],
            },
            {
              sourceTag: 'type:cli',
              onlyDependOnLibsWithTags: [
                ...core,
                'type:data',
                'type:backend',
                'type:training',
                'type:analysis',
                'type:experiments',
              ],
            },
            { sourceTag: 'type:create', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:umbrella', onlyDependOnLibsWithTags: ['*'] },
          ],
        },
      ],
    },
  },
  {
    // Specs, and what they share, may reach across packages where a promise spans them (a layers model under LETS, for
    // one).
    files: ['**/*.spec.ts', '**/*.fixture.ts'],
    rules: {
      '@nx/enforce-module-boundaries': 'off',
      // It takes `{ use: 'mine' as string }` for needless, which is how a spec names a plugin that TypeScript does not
      // know.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  {
    // Written from schemas: a word among any texts, and plugins without options, are as the schemas have them.
    files: ['**/specOptions.ts'],
    rules: {
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  prettier,
  {
    // What prettier leaves as it is: comments, above all. Columns of tables and of numbers are read across.
    rules: {
      'max-len': [
        'error',
        {
          code: 120,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
          ignoreUrls: true,
          ignorePattern: String.raw`prettier-ignore|^\s*\*\s+\||^[\s\d,.-]+$`,
        },
      ],
    },
  },
  { files: ['**/specOptions.ts'], rules: { 'max-len': 'off' } },
);
