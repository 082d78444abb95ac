import { parseArgs } from 'node:util';
import { whenOutputCloses } from '../../local/view/closed-output.ts';
import { describeFinding } from './describe-finding.ts';
import { exploreScopes } from './exhaustive/explore-scopes.ts';
import { LARGE_SCOPES, SCOPES } from './exhaustive/scopes.ts';
import { FAULT_KINDS } from './fault-kinds.ts';
import { type Progress, search } from './search.ts';
import { describeSyncFinding, searchSyncs } from './sync/search-syncs.ts';

const OPTIONS = {
  schedules: { type: 'string' },
  seed: { type: 'string' },
  path: { type: 'string' },
  exhaustive: { type: 'boolean', default: false },
  scope: { type: 'string', multiple: true },
  sync: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const DEFAULT_SCHEDULES = 2_000;
const PROGRESS_EVERY_MS = 5_000;

const HELP = `npm run faults -- [options]

Runs the code of outbox, relay, sweeper and consumer over models of the services, and looks whether a promise of
docs/guarantees.md can be broken.

At random:
  --schedules NUMBER  how many random schedules are run (default ${DEFAULT_SCHEDULES})
  --seed NUMBER       of the schedules (default: another one each time; it is printed)
  --sync              schedules of a sync over a model provider: edits, deletes, late rows, ties, moved pages, webhooks out
                      of order, overlapping runs, writes of our own with their echoes, crashes at any commit
  --path PATH         where in the seed's schedules to go at once: what a finding names

Exhaustively:
  --exhaustive        visits every state of small scopes, and prints how many there are
  --scope NAME        only this one; may be given several times. A large scope runs only when it is named

  --help              this text

Scopes of --exhaustive:
${Object.entries(SCOPES)
  .map(([name, { about }]) => `  ${name.padEnd(22)}${about}`)
  .join('\n')}
Large ones, which take minutes:
${Object.entries(LARGE_SCOPES)
  .map(([name, { about }]) => `  ${name.padEnd(22)}${about}`)
  .join('\n')}

What is injected at random:
  ${FAULT_KINDS.join(', ')}

Ends with status 0 when every promise was kept, 1 when one was broken, 2 when the options are wrong.
`;

whenOutputCloses([process.stdout], () => process.exit(1));

const show = (text: string) => void process.stdout.write(`${text}\n`);

/** What the options say is wrong with them. */
class UsageError extends Error {}

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new UsageError(`--${name} must be a whole number from 0, got '${text}'`);
};

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

type Values = ReturnType<typeof readOptions>;

async function searchAtRandom(values: Values): Promise<boolean> {
  const seed = wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
  const schedules = wholeNumber('schedules', values.schedules ?? String(DEFAULT_SCHEDULES));
  const path = readPath(values);
  const startedAt = performance.now();
  const perSecond = ({ schedules: ran }: Progress) => Math.round((ran * 1000) / (performance.now() - startedAt));
  const injected = ({ struck }: Progress) => [...struck.values()].reduce((sum, count) => sum + count, 0);

  show(`searching ${schedules} schedules, --seed ${seed}`);
  let toldAt = startedAt;
  const result = await search({
    seed,
    schedules,
    path,
    onProgress(progress) {
      if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = performance.now();
      show(`${progress.schedules} schedules, ${perSecond(progress)}/s, ${injected(progress)} faults injected`);
    },
  });

  show(
    `${result.schedules} schedules, ${perSecond(result)}/s, ${result.effects} effects, ${injected(result)} faults injected:`,
  );
  for (const [kind, count] of [...result.struck].sort(([, a], [, b]) => b - a)) {
    show(`${String(count).padStart(10)}  ${kind}`);
  }
  if (result.finding !== undefined) show(await describeFinding(result.finding));
  return result.finding === undefined;
}

async function searchOfSyncs(values: Values): Promise<boolean> {
  const seed = wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
  const schedules = wholeNumber('schedules', values.schedules ?? String(DEFAULT_SCHEDULES));
  show(`searching ${schedules} schedules of a sync, --seed ${seed}`);
  let toldAt = performance.now();
  const result = await searchSyncs({
    ...{ seed, schedules, path: readPath(values) },
    onProgress({ schedules: ran, effects }) {
      if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = performance.now();
      show(`${ran} schedules, ${effects} effects`);
    },
  });
  show(`${result.schedules} schedules, ${result.effects} effects`);
  if (result.finding !== undefined) show(describeSyncFinding(result.finding));
  return result.finding === undefined;
}

function readPath({ path }: Values): string | undefined {
  if (path === undefined || /^\d+(:\d+)*$/.test(path)) return path;
  throw new UsageError(`--path must be numbers with colons between them, as a finding names it, got '${path}'`);
}

async function searchExhaustively({ scope, schedules, seed, path }: Values): Promise<boolean> {
  const random = Object.entries({ schedules, seed, path }).find(([, value]) => value !== undefined);
  if (random !== undefined) {
    throw new UsageError(`--${random[0]} belongs to the random search: leave it out, or leave --exhaustive out`);
  }
  const known = { ...SCOPES, ...LARGE_SCOPES };
  const named = (scope ?? Object.keys(SCOPES)).map((name) => {
    const found = Object.hasOwn(known, name) ? known[name] : undefined;
    if (found !== undefined) return [name, found] as const;
    throw new UsageError(`there is no scope '${name}': --scope must be one of ${Object.keys(known).join(', ')}`);
  });
  return exploreScopes(named, show);
}

try {
  const values = readOptions();
  if (values.help) show(HELP.trimEnd());
  else {
    if (values.scope !== undefined && !values.exhaustive) {
      throw new UsageError('--scope belongs to the exhaustive search: add --exhaustive');
    }
    if (values.sync && values.exhaustive) throw new UsageError('--sync is a random search: leave --exhaustive out');
    const searchOf = values.sync ? searchOfSyncs : values.exhaustive ? searchExhaustively : searchAtRandom;
    const isKept = await searchOf(values);
    if (isKept) show('every promise was kept');
    else process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\nnpm run faults -- --help lists the options\n`);
  process.exitCode = 2;
}
