import { parseArgs } from 'node:util';
import { describeFinding } from './describe-finding.ts';
import { type Progress, search } from './search.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
});

const PROGRESS_EVERY_MS = 5_000;

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} must be a whole number from 0, got '${text}'`);
};

const seed = wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
const schedules = wholeNumber('schedules', values.schedules);
const startedAt = performance.now();

const show = (text: string) => process.stdout.write(`${text}\n`);
const pace = ({ schedules: ran }: Progress) => Math.round((ran * 1000) / (performance.now() - startedAt));
const injected = ({ struck }: Progress) => [...struck.values()].reduce((sum, count) => sum + count, 0);

show(`searching ${schedules} schedules, --seed ${seed}`);
let toldAt = startedAt;
const result = await search({
  seed,
  schedules,
  path: values.path,
  onProgress(progress) {
    if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = performance.now();
    show(`${progress.schedules} schedules, ${pace(progress)}/s, ${injected(progress)} faults injected`);
  },
});

show(
  `${result.schedules} schedules, ${pace(result)}/s, ${result.effects} effects, ${injected(result)} faults injected:`,
);
for (const [kind, count] of [...result.struck].sort(([, a], [, b]) => b - a)) {
  show(`${String(count).padStart(10)}  ${kind}`);
}
if (result.finding === undefined) show('every promise was kept');
else {
  show(await describeFinding(result.finding));
  process.exitCode = 1;
}
