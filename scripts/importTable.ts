/**
 * Who may import whom. The key is a folder or file below src/ (or the workers folder); `own` names what of ours it may
 * import besides itself, `ownTypes` what it may import as types only, `packages` the npm packages, `node` whether
 * node:* modules. Receive, decide, act and console never import each other: they meet in Postgres.
 */
export type Rule = {
  own: string[] | 'all';
  ownTypes?: string[];
  packages: string[] | 'all';
  node: boolean;
};

const roles = ['core', 'store', 'queue', 'lib'];

/** What puts the parts together: app, command line, demo, and every other file that stands in src itself. */
export const composition: Rule = { own: 'all', packages: 'all', node: true };

export const importTable: Record<string, Rule> = {
  'src/core': { own: [], packages: ['zod', 'mailparser'], node: false },
  'src/lib': { own: [], ownTypes: ['core'], packages: ['pino', 'yaml', 'csv-parse'], node: true },
  'src/store': { own: ['core', 'lib'], packages: ['pg', 'kysely'], node: true },
  'src/queue': { own: ['lib'], packages: ['bullmq', 'ioredis', 'pg'], node: true },
  'src/receive': {
    own: roles,
    ownTypes: ['settings'],
    packages: ['imapflow', 'smtp-server', 'mailauth', 'kysely', 'pg'],
    node: true,
  },
  'src/decide': { own: roles, ownTypes: ['settings'], packages: ['kysely', 'pg'], node: true },
  'src/connectors': {
    own: ['lib'],
    ownTypes: ['core'],
    packages: ['axios', 'nodemailer', '@aws-sdk/client-s3', '@aws-sdk/client-sqs'],
    node: true,
  },
  'src/act': {
    own: [...roles, 'connectors'],
    ownTypes: ['settings'],
    packages: ['liquidjs', 'kysely', 'pg'],
    node: true,
  },
  'src/deliver': {
    own: [...roles, 'connectors'],
    ownTypes: ['settings'],
    packages: ['mailauth', 'kysely', 'pg'],
    node: true,
  },
  'src/console': {
    own: roles,
    ownTypes: ['settings'],
    packages: [
      'fastify',
      '@fastify/formbody',
      '@fastify/static',
      '@prometheus-io/client',
      'sanitize-html',
      'zod',
      'kysely',
      'pg',
    ],
    node: true,
  },
  // Open to strangers: it has no connector, no mail and no key but the one of links.
  'src/public': {
    own: ['core', 'store', 'lib'],
    ownTypes: ['settings', 'queue'],
    packages: ['fastify', '@fastify/formbody', 'zod', 'kysely'],
    node: true,
  },
  'src/demo': composition,
  'src/commands': composition,
  'src/doctor': composition,
  'src/settingsSchema.ts': { own: ['settingValues', 'sourceSettings'], packages: ['zod'], node: false },
  'src/sourceSettings.ts': { own: ['settingValues'], packages: ['zod'], node: false },
  'src/settingValues.ts': { own: ['core'], packages: ['zod'], node: true },
  workers: { own: ['app', 'settings', 'lib'], packages: [], node: true },
};
