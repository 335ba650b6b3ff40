// One arrow of imports: functions → (http, adapters) → app → (ports, matching) → domain. Held file by file, for types too.
import { describe, expect, it } from 'vitest';
import { type Import, importsOf, packageOf, roomOf, sourceFiles } from './sources.ts';

type Room = { may: string[]; packages: RegExp };

const awsClients = /^@aws-sdk\//;
/** What each room may import besides itself, and which packages. */
const table: Record<string, Room> = {
  'shared/domain': { may: [], packages: /^croner$/ },
  'shared/matching': { may: ['shared/domain'], packages: /^(@duckdb\/node-api|exceljs|papaparse)$/ },
  'shared/ports': { may: ['shared/domain'], packages: /^$/ },
  'shared/app': { may: ['shared/domain', 'shared/ports', 'shared/matching'], packages: /^$/ },
  'shared/contracts': { may: [], packages: /^zod$/ },
  'shared/http': {
    may: ['shared/contracts', 'shared/app', 'shared/ports', 'shared/domain'],
    packages: /^(zod|@fastify\/busboy)$/,
  },
  'shared/lambda': {
    may: ['shared/http', 'shared/contracts', 'shared/app', 'shared/ports', 'shared/domain'],
    packages: /^(@middy\/|@aws-lambda-powertools\/|aws-lambda$)/,
  },
  'shared/adapters': {
    may: ['shared/ports', 'shared/domain'],
    packages: new RegExp(`${awsClients.source}|^(dynamodb-toolbox|jose|ldapts)$`),
  },
  functions: { may: ['shared/*'], packages: /^@aws-lambda-powertools\// },
  'functions/*': { may: ['functions', 'shared/*'], packages: /^@aws-lambda-powertools\// },
  infra: {
    may: ['shared/contracts'],
    packages: new RegExp(`${awsClients.source}|^(aws-cdk-lib|cdk-nag|constructs|esbuild)$`),
  },
  // Entries that compose use cases as a function does: the first administrator, and the local stack's demo data.
  'infra, accounts': {
    may: ['infra', 'shared/app', 'shared/adapters', 'shared/domain'],
    packages: awsClients,
  },
  // No AWS: the same engine, on files.
  cli: { may: ['shared/domain', 'shared/matching', 'shared/contracts'], packages: /^(@duckdb\/node-api|esbuild)$/ },
  bench: {
    may: ['cli', 'infra', 'functions/api-breaks', 'shared/*'],
    packages: new RegExp(`${awsClients.source}|^@duckdb/node-api$`),
  },
  events: { may: ['infra', 'shared/contracts'], packages: new RegExp(`${awsClients.source}|^zod$`) },
};

const withAccounts = ['infra/accounts.ts', 'infra/create-admin.ts', 'infra/local/sample.ts'];

function ruleOf(path: string): Room | undefined {
  if (withAccounts.includes(path)) return table['infra, accounts'];
  const room = roomOf(path);
  return table[room] ?? (room.startsWith('functions/') ? table['functions/*'] : undefined);
}

function isAllowed(rule: Room, { from, to, own }: Import): boolean {
  if (!own) return to.startsWith('node:') || rule.packages.test(packageOf(to)) || rule.packages.test(to);
  const target = roomOf(to);
  return (
    target === roomOf(from) ||
    rule.may.includes(target) ||
    (rule.may.includes('shared/*') && target.startsWith('shared/'))
  );
}

const files = sourceFiles(['shared', 'functions', 'infra', 'cli', 'bench', 'events']);
const imports = files.flatMap(importsOf);

describe('the import table', () => {
  it('knows every room', () => {
    expect(files.map(({ path }) => path).filter((path) => !ruleOf(path))).toEqual([]);
  });

  it.each(Object.keys(table))('%s imports only what is below it', (room) => {
    const rule = table[room]!;
    const wrong = imports.filter((one) => ruleOf(one.from) === rule && !isAllowed(rule, one));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('finds an import of each form', () => {
    const text =
      "import a from './a.ts';\nimport type { B } from '../b/b.ts';\nimport {\n  c,\n} from 'c';\nimport './d.ts';\nexport { e } from './e.ts';\nawait import('./f.ts');\n";
    const found = importsOf({ path: 'shared/x/y.ts', text });
    expect(found.map(({ to }) => to).sort()).toEqual([
      'c',
      'shared/b/b.ts',
      'shared/x/a.ts',
      'shared/x/d.ts',
      'shared/x/e.ts',
      'shared/x/f.ts',
    ]);
    expect(found.filter(({ typeOnly }) => typeOnly).map(({ to }) => to)).toEqual(['shared/b/b.ts']);
  });

  it('imports packages by the names that they publish, all of them in package.json', async () => {
    const { default: manifest } = await import('../../../package.json', { with: { type: 'json' } });
    const declared = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]);
    const packages = sourceFiles()
      .flatMap(importsOf)
      .filter(({ own, to }) => !own && !to.startsWith('node:'));
    const typesOnly = (name: string) => declared.has(`@types/${name}`);
    const undeclared = packages.filter(({ to }) => !declared.has(packageOf(to)) && !typesOnly(packageOf(to)));
    const deep = packages.filter(({ to }) =>
      /node_modules|\/(lib|dist|src|build)(\/|$)/.test(to.slice(packageOf(to).length)),
    );
    expect([...undeclared, ...deep].map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('ships no package that is for development only', async () => {
    const { default: manifest } = await import('../../../package.json', { with: { type: 'json' } });
    const shipped = imports.filter(
      ({ from, own, to, typeOnly }) =>
        /^(shared|functions)\//.test(from) && !own && !typeOnly && !to.startsWith('node:'),
    );
    expect(
      shipped
        .filter(({ to }) => !(packageOf(to) in manifest.dependencies))
        .map(({ from, to }) => `${from} imports ${to}`),
    ).toEqual([]);
  });
});
