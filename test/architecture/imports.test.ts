import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** Of lib, what is deployed: lib/testing serves tests and the local engines. */
const DEPLOYED_LIB = /^lib\/(?!testing\/)/;
/** What a service declares for the infrastructure. */
const PURE_FUNCTION_FILES =
  /^(examples\/\w+\/)?functions\/.*\/(saga|projection|webhook|sync|(orchestrated-)?subscription|table|events|routes|money|order-group)\.ts$/;

/** What any file of lib may import that is deployed. */
const LIB = [
  DEPLOYED_LIB,
  /^@aws-sdk\//,
  /^@aws-lambda-powertools\//,
  /^@standard-schema\/spec$/,
  /^aws-lambda$/,
  /^uuid$/,
  /^node:/,
];
/** What a capability declares for the infrastructure. */
const PURE_LIB_FILES = /^lib\/\w+\/(table|events)\.ts$/;

const FUNCTIONS = [
  DEPLOYED_LIB,
  /^functions\//,
  /^@aws-sdk\//,
  /^@aws-lambda-powertools\//,
  /^aws-lambda$/,
  /^zod\/(mini|v4\/locales\/en\.js)$/,
  /^node:/,
];

/** The library as a service imports it in its functions, and as an app imports it. */
const FACES = /^waybill(\/(outbox|consumer|saga|projection|links|tenancy|resilience|webhook|http|sync|runtime))?$/;
const APP_FACES = /^waybill(\/cdk)?$/;

const SERVICE_FUNCTIONS = [FACES, ...FUNCTIONS.filter((pattern) => pattern !== DEPLOYED_LIB)];

const INFRA = [
  /^infra\//,
  /^lib\/definitions\//,
  // pure, for what messages propose
  /^lib\/shared\/nearest\.ts$/,
  PURE_FUNCTION_FILES,
  PURE_LIB_FILES,
  /^aws-cdk-lib/,
  /^constructs$/,
  /^cdk-nag$/,
  /^zod$/,
  /^node:/,
];

/** What bundles are built of, without CDK: the constructs and the local run build them. */
const BUNDLES = /^infra\/bundles\//;

/** What the files below each folder may import, or one file; the longest match decides. */
const MAY_IMPORT: Readonly<Record<string, readonly RegExp[]>> = {
  'lib/definitions': [/^lib\/definitions\//, /^@standard-schema\/spec$/],
  'lib/testing': [
    /^lib\//,
    /^@standard-schema\/spec$/,
    /^@aws-sdk\//,
    /^@aws-lambda-powertools\//,
    /^aws-lambda$/,
    /^node:/,
  ],
  'lib/resilience': [...LIB, /^cockatiel$/],
  'lib/http': [...LIB, /^zod\/mini$/],
  'lib/shared': [...LIB, /^zod\/(mini|v4\/locales\/en\.js)$/],
  lib: LIB,
  functions: FUNCTIONS,
  infra: INFRA,
  'infra/bundles': [BUNDLES, /^infra\/project\.ts$/, /^esbuild$/, /^node:/],
  // the line by which the app takes the shop in
  'infra/services.ts': [/^examples\/shop\/infra\/add-shop\.ts$/],
  local: [
    /^local\//,
    /^lib\//,
    BUNDLES,
    /^esbuild$/,
    /^(@aws-sdk|@smithy)\//,
    /^aws-lambda$/,
    /^(dynalite|tinyqueue)(\/|$)/,
    /^node:/,
  ],
  cli: [
    /^cli\//,
    /^local\//,
    /^lib\//,
    /^@aws-sdk\//,
    /^@bomb\.sh\/tab$/,
    /^@modelcontextprotocol\/sdk\//,
    /^zod$/,
    /^node:/,
  ],
  'examples/shop/functions': [...SERVICE_FUNCTIONS, /^examples\/shop\/functions\//],
  'examples/shop/infra': [
    APP_FACES,
    // the app of this repository
    /^infra\/create-app\.ts$/,
    PURE_FUNCTION_FILES,
    /^examples\/shop\/infra\//,
    /^aws-cdk-lib/,
    /^constructs$/,
    /^zod$/,
  ],
  'examples/shop/local': [
    /^examples\/shop\/(local|functions)\//,
    /^examples\/shop\/infra\/shop-settings\.ts$/,
    /^infra\/environments\.ts$/,
    /^(local|cli|lib)\//,
    FACES,
    /^@aws-sdk\//,
    /^csv-parse(\/|$)/,
    /^node:/,
  ],
  // an app of its own, in a process of its own: what a team would change in the shop
  'examples/shop/local/redeploy/shop': [
    /^examples\/shop\/(local\/redeploy|infra)\//,
    /^infra\//,
    APP_FACES,
    /^aws-cdk-lib/,
    /^node:/,
  ],
  'examples/shop/local/redeploy/shop/functions': [
    ...SERVICE_FUNCTIONS,
    /^examples\/shop\/(local\/redeploy\/shop\/)?functions\//,
  ],
};

/** The folders of lib from the bottom up: each takes what it needs, types too, from those below it and from itself. */
const LAYERS: readonly (readonly string[])[] = [
  ['definitions'],
  ['shared'],
  ['event', 'tuning'],
  ['outbox'],
  ['tenancy'],
  ['consumer', 'resilience'],
  ['saga', 'projection', 'links', 'webhook', 'http', 'sync'],
  ['runtime', 'operations'],
  ['testing'],
];

const layerOf = (folder: string): number => LAYERS.findIndex((folders) => folders.includes(folder));

interface ImportLine {
  readonly file: string;
  /** Repository path of a relative import, else the package as it is named. */
  readonly target: string;
  readonly typeOnly: boolean;
}

const importLinesOf = (file: string, source: string): readonly ImportLine[] =>
  [...source.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm)].map(
    ([, type, target = '']) => ({
      file,
      target: target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
      typeOnly: type !== undefined,
    }),
  );

/** Types alone close none outside lib. */
const closesCircles = ({ file, target, typeOnly }: ImportLine): boolean =>
  !typeOnly || (file.startsWith('lib/') && target.startsWith('lib/'));

function breaches(lines: readonly ImportLine[]): readonly string[] {
  return lines
    .filter(({ file, target }) => !isAllowed(file, target))
    .map(({ file, target }) => `${file} imports ${target}`);
}

function isAllowed(file: string, target: string): boolean {
  const folder = Object.keys(MAY_IMPORT)
    .filter((name) => file === name || file.startsWith(`${name}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (folder === undefined) return true;
  if (!MAY_IMPORT[folder]?.some((pattern) => pattern.test(target))) return false;
  const [, own] = /^lib\/([^/]+)\//.exec(file) ?? [];
  const [, other] = /^lib\/([^/]+)\//.exec(target) ?? [];
  if (own === undefined || other === undefined || own === other) return true;
  return layerOf(other) !== -1 && layerOf(other) < layerOf(own);
}

interface Source {
  readonly file: string;
  readonly source: string;
}

function circlesIn(files: readonly Source[]): readonly string[] {
  const edges = new Map(
    files.map(({ file, source }) => [
      file,
      importLinesOf(file, source)
        .filter(closesCircles)
        .map(({ target }) => target),
    ]),
  );
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) if (edges.has(next)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return circles;
}

const sources = globSync('{infra,functions,lib,local,cli,examples/*/{functions,infra,local}}/**/*.ts', {
  cwd: ROOT,
}).map((file) => ({
  file,
  source: readFileSync(join(ROOT, file), 'utf8'),
}));

describe('import rules', () => {
  it('hold in every source file', () => {
    expect(breaches(sources.flatMap(({ file, source }) => importLinesOf(file, source)))).toStrictEqual([]);
    expect(sources.length).toBeGreaterThan(50);
  });

  it.each([
    ['lib/outbox/outbox.ts', "import { Stack } from 'aws-cdk-lib';"],
    ['lib/definitions/tables.ts', "import { systemClock } from '../shared/time.ts';"],
    ['lib/outbox/outbox.ts', "import { createConsumer } from '../consumer/index.ts';"],
    ['lib/outbox/outbox.ts', "import type { Tenancy } from '../tenancy/index.ts';"],
    ['lib/consumer/consumer.ts', "import { createProjector } from '../projection/index.ts';"],
    ['lib/projection/projector.ts', "import { saga } from '../saga/index.ts';"],
    ['lib/operations/where.ts', "import { createHarness } from '../testing/index.ts';"],
    ['lib/outbox/outbox.ts', "import type { Item } from '../testing/dynamodb/item.ts';"],
    ['lib/testing/in-memory-tables.ts', "import db from 'dynalite/db';"],
    ['lib/testing/in-memory-tables.ts', "import { itemKey } from '../../local/dynamodb/request-rules.ts';"],
    ['functions/relay/index.ts', "import { createHarness } from '../../lib/testing/index.ts';"],
    ['infra/stacks/hub-stack.ts', "import { createOutbox } from '../../lib/outbox/index.ts';"],
    ['examples/shop/functions/orders/index.ts', "import { createOutbox } from '../../../../lib/outbox/index.ts';"],
    ['examples/shop/functions/orders/index.ts', "import { EventHub } from 'waybill/cdk';"],
    ['examples/shop/infra/shop-stack.ts', "import { createOutbox } from 'waybill/outbox';"],
    ['examples/shop/infra/shop-stack.ts', "import { handler } from '../functions/orders/index.ts';"],
    ['local/run.ts', "import { placeOrders } from '../examples/shop/local/main.ts';"],
    ['infra/create-app.ts', "import { addShop } from '../examples/shop/infra/add-shop.ts';"],
    ['functions/relay/index.ts', "import { startLocalRun } from '../../local/run.ts';"],
    ['local/run.ts', "export { createApp } from '../infra/app.ts';"],
  ])('catch %s breaking them', (file, line) => {
    expect(breaches(importLinesOf(file, line))).toHaveLength(1);
  });

  it("leave the SDK's own marshalling to lib/shared: it mistakes members called 'constructor' or '__proto__'", () => {
    const users = sources
      .flatMap(({ file, source }) => importLinesOf(file, source))
      .filter(({ target }) => target === '@aws-sdk/util-dynamodb');

    expect(users.map(({ file }) => file)).toStrictEqual(['lib/shared/marshalling.ts']);
  });

  it('let a capability stand on those below it', () => {
    expect(
      breaches(importLinesOf('lib/consumer/consumer.ts', "import { createOutbox } from '../outbox/index.ts';")),
    ).toStrictEqual([]);
  });

  it('leave no circle of imports, and in lib none of types either', () => {
    expect(circlesIn(sources)).toStrictEqual([]);
  });

  it('catch a circle of types in lib', () => {
    const planted = { file: 'lib/outbox/ports.ts', source: "import type { Outbox } from './outbox.ts';" };

    expect(circlesIn([...sources.filter(({ file }) => file !== planted.file), planted])).toContainEqual(
      expect.stringContaining('lib/outbox/ports.ts > lib/outbox/outbox.ts'),
    );
  });
});

/** Everything that the files import when they are loaded, themselves and what they import included. */
function loadedBy(...files: readonly string[]): readonly string[] {
  const targetsOf = new Map(
    sources.map(({ file, source }) => [file, importLinesOf(file, source).filter(({ typeOnly }) => !typeOnly)]),
  );
  const loaded = new Set(files);
  for (const file of loaded) for (const { target } of targetsOf.get(file) ?? []) loaded.add(target);
  return [...loaded];
}

describe("an operator's command", () => {
  it('loads no engine: those are for start alone', () => {
    const loaded = loadedBy('cli/main.ts', 'cli/operate.ts');

    expect(loaded.filter((file) => file.startsWith('local/')).toSorted()).toStrictEqual([
      'local/start/arguments.ts',
      'local/view/closed-output.ts',
      'local/view/columns.ts',
    ]);
  });
});

describe('the command init', () => {
  it('loads neither engines nor AWS clients nor the library', () => {
    const loaded = loadedBy('cli/main.ts', 'cli/init/main.ts').filter((target) => !target.startsWith('node:'));

    expect(loaded.filter((target) => !/^(cli|lib\/(definitions|shared))\//.test(target)).toSorted()).toStrictEqual([
      'local/start/arguments.ts',
      'local/start/run-options.ts',
      'local/view/closed-output.ts',
      'local/view/columns.ts',
    ]);
  });
});

describe('ambient values', () => {
  const AMBIENT = /Date\.now\(\)|new Date\(\)|Math\.random\(|randomUUID\(|setTimeout\(/;
  const ALLOWED = new Set(['lib/shared/time.ts', 'lib/shared/backoff.ts']);

  it('are not read in lib: clock, ids, randomness and timers are injected', () => {
    const readers = sources.filter(
      ({ file, source }) => file.startsWith('lib/') && !ALLOWED.has(file) && AMBIENT.test(source),
    );

    expect(readers.map(({ file }) => file)).toStrictEqual([]);
  });
});
