import {
  CONSUMER_TUNABLE_NAMES,
  isTunableName,
  parseTuning,
  problemOfTunable,
  TUNABLE_NAMES,
  type TunableName,
  type Tuning,
} from '../../lib/definitions/index.ts';
import { changeTuning, listTunedValues, type TunedValue, tuningProblems } from '../../lib/operations/index.ts';
import { nearestOf } from '../../lib/shared/nearest.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand } from '../command.ts';
import type { OperatedSettings } from '../operated-settings.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { UsageError } from '../usage-error.ts';
import { cellText, jsonText, timeText } from '../wording.ts';

interface SettingsOptions {
  readonly verb: 'list' | 'set' | 'unset';
  /** `NAME=VALUE` for `set`, names for `unset`. */
  readonly changes: readonly string[];
  readonly consumer: string | undefined;
  readonly reason: string | undefined;
  readonly by: string | undefined;
}

const SETTINGS_VERBS = ['list', 'set', 'unset'] as const;

export const settingsCommand = defineCommand({
  name: 'settings',
  usage: 'settings [list] | settings set NAME=VALUE... | settings unset NAME... [--consumer NAME] [--reason TEXT]',
  text: 'list and tune settings without a deployment: attempts, backoff, sweeper, log level',
  more: [
    'Without a verb it lists what holds now, where that comes from and since when. Functions follow a change within a',
    'minute, with their next invocation. A deployment never overwrites what is tuned. NAME is maxAttempts,',
    'retryBaseSeconds, retryCapSeconds or logLevel, for all consumers or one; or sweepAfterSeconds or sweepMaxEvents.',
  ],
  options: {
    consumer: { value: 'NAME', text: 'only this consumer' },
    reason: { value: 'TEXT', text: 'why, for the history of the parameter' },
    by: { value: 'NAME', text: 'who decided it (default: user and host)' },
    ...COMMON,
  },
  words: 100,
  verbs: SETTINGS_VERBS,
  rights: [{ on: 'settings-parameter', actions: ['ssm:GetParameter', 'ssm:GetParameterHistory', 'ssm:PutParameter'] }],
  read: readSettings,
  check: refuseWrongChanges,
  run: settings,
});

function readSettings(given: Arguments): SettingsOptions {
  const [word = 'list', ...changes] = given.positionals;
  const verb = SETTINGS_VERBS.find((each) => each === word);
  if (verb === undefined) given.refuse(`settings needs one of ${SETTINGS_VERBS.join(', ')}, got '${word}'`);
  if (verb === 'list') {
    const [unexpected] = changes;
    if (unexpected !== undefined) given.refuse(`unexpected argument '${unexpected}'`);
    for (const option of ['reason', 'by'] as const) {
      if (given.has(option)) given.refuse(`--${option} is for settings set and settings unset only`);
    }
  }
  if (verb === 'set' && changes.length === 0) given.refuse('settings set needs NAME=VALUE');
  if (verb === 'unset' && changes.length === 0) given.refuse('settings unset needs the NAME of a setting');
  return {
    verb: verb ?? 'list',
    changes,
    consumer: given.text('consumer'),
    reason: given.text('reason'),
    by: given.text('by'),
  };
}

const HEADINGS = ['WHOSE', 'NAME', 'VALUE', 'SOURCE', 'SINCE', 'BY'];
const NOTE_WIDTH = 80;

/**
 * Maximum size of a standard parameter, in characters. @see
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
 */
const MOST_CHARACTERS = 4096;

function settings(options: SettingsOptions, operation: Operation): Promise<ExitStatus> {
  // refuses an unknown consumer before the parameter is read
  if (options.consumer !== undefined) operation.consumer(options.consumer);
  return options.verb === 'list' ? list(options, operation) : change(options, operation);
}

async function list({ consumer }: SettingsOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, environmentName } = operation;
  const { parameterName, store, deployed } = operation.settings();
  const stored = await store.read();
  const parsed = parseTuning(stored?.content ?? '{}');
  const tuning = parsed.kind === 'valid' ? parsed.tuning : {};
  const history = stored === undefined ? [] : await store.history();
  const values = listTunedValues(tuning, deployed, history).filter(
    (value) => consumer === undefined || value.consumer === consumer,
  );
  const problems = parsed.kind === 'refused' ? parsed.problems : [];
  if (json) {
    const version = stored?.version;
    tellJson(
      operation,
      { environment: environmentName, parameter: parameterName, version, problems, values },
      'values',
    );
  } else {
    for (const row of columns([HEADINGS, ...values.map((value) => rowOf(value, console))])) console.line(row);
    console.line(
      stored === undefined
        ? `nothing is tuned: parameter ${parameterName} does not exist`
        : `parameter ${parameterName}, version ${stored.version}`,
    );
  }
  if (problems.length === 0) return 0;
  console.note(
    `the content of ${parameterName} is refused: running functions keep the last valid settings, and new ones use the deployed values:`,
  );
  for (const problem of problems) console.note(`  ${problem}`);
  return 1;
}

const SOURCES: Readonly<Record<TunedValue['source'], string>> = {
  deployment: 'deployment',
  environment: 'tuned for all',
  consumer: 'tuned',
};

const rowOf = (
  { consumer, name, value, source, since, by = '' }: TunedValue,
  console: Operation['console'],
): readonly string[] => [
  consumer ?? '(environment)',
  name,
  value === undefined ? '(unknown)' : String(value),
  SOURCES[source],
  since === undefined ? '' : timeText(since),
  cellText(by, NOTE_WIDTH, console),
];

async function change(options: SettingsOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, environmentName } = operation;
  const { verb, consumer } = options;
  const target = operation.settings();
  const values = readChanges(options);
  const stored = await target.store.read();
  const before = parseTuning(stored?.content ?? '{}');
  if (before.kind === 'refused') {
    console.note(
      `nothing was done: the content of ${target.parameterName} is refused (${before.problems.join('; ')}); correct it in Parameter Store, or delete it there`,
    );
    return 1;
  }
  const after = changeTuning(before.tuning, consumer, values);
  const content = contentOf(after, target);
  if (content === JSON.stringify(before.tuning)) {
    console.note(`nothing was done: ${verb === 'set' ? 'it is so already' : 'nothing of this is tuned'}`);
    return 0;
  }
  const version = await target.store.write(content, noteOf(options, operation));
  const others = version - (stored?.version ?? 0) - 1;
  if (json) {
    console.line(jsonText({ environment: environmentName, parameter: target.parameterName, version, tuning: after }));
  } else {
    tell(before.tuning, after, options, operation);
  }
  if (stored === undefined || others === 0) return 0;
  console.note(`another change of ${target.parameterName} at the same time was overwritten: see npx waybill settings`);
  return 1;
}

/**
 * Refuses names and values that no deployment allows.
 * @throws UsageError `OPS_USAGE` listing all problems, and the allowed values
 */
function refuseWrongChanges(options: SettingsOptions): void {
  if (options.verb !== 'list') readChanges(options);
}

/** @throws UsageError `OPS_USAGE` listing all problems, and the allowed values */
function readChanges({
  verb,
  changes,
  consumer,
}: SettingsOptions): Partial<Record<TunableName, string | number | undefined>> {
  const allowed: readonly TunableName[] = consumer === undefined ? TUNABLE_NAMES : CONSUMER_TUNABLE_NAMES;
  const problems: string[] = [];
  const values: Partial<Record<TunableName, string | number | undefined>> = {};
  for (const [name, texts] of Map.groupBy(changes, nameIn)) {
    if (texts.length === 1) continue;
    const advice = verb === 'set' ? 'give one value' : 'name it once';
    problems.push(
      `${name} is given ${texts.length === 2 ? 'twice' : `${texts.length} times`}, got '${texts.join("' and '")}': ${advice}`,
    );
  }
  for (const text of changes) {
    const at = text.indexOf('=');
    const name = nameIn(text);
    if (!isTunableName(name) || !allowed.includes(name)) {
      problems.push(unknownSetting(name, allowed));
    } else if (verb === 'unset') {
      if (at !== -1) problems.push(`settings unset takes names alone, got '${text}': unset ${name}`);
      values[name] = undefined;
    } else if (at === -1) {
      problems.push(`settings set takes NAME=VALUE, got '${text}'`);
    } else {
      const given = text.slice(at + 1);
      const value = /^-?\d+(\.\d+)?$/.test(given) ? Number(given) : given;
      const problem = problemOfTunable(name, value);
      if (problem !== undefined) problems.push(problem);
      values[name] = value;
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('; '));
  return values;
}

/** @param change `NAME=VALUE` or `NAME` */
const nameIn = (change: string): string => change.split('=', 1)[0] ?? '';

function unknownSetting(name: string, allowed: readonly TunableName[]): string {
  const guess = nearestOf(name, allowed);
  const meant = guess === undefined ? '' : `did you mean ${guess}? `;
  const whose = allowed.length < TUNABLE_NAMES.length ? ' of a consumer' : '';
  return `'${name}' is no setting${whose} that can be tuned: ${meant}choose from ${allowed.join(', ')}; everything else takes a deployment`;
}

/** @throws UsageError `OPS_USAGE` if the settings contradict the deployment, or are too long */
function contentOf(tuning: Tuning, { deployed }: OperatedSettings): string {
  const content = JSON.stringify(tuning);
  const checked = parseTuning(content);
  const problems = [...(checked.kind === 'refused' ? checked.problems : []), ...tuningProblems(tuning, deployed)];
  if (content.length > MOST_CHARACTERS) {
    problems.push(
      `the parameter holds ${MOST_CHARACTERS} characters, got ${content.length}: unset what consumers have of their own`,
    );
  }
  if (problems.length > 0) throw new UsageError(problems.join('; '));
  return content;
}

function noteOf({ verb, changes, consumer, reason, by }: SettingsOptions, { operator }: Operation): string {
  const whose = consumer === undefined ? '' : ` for ${consumer}`;
  return `${by ?? operator}: ${verb} ${changes.join(' ')}${whose}${reason === undefined ? '' : `; ${reason}`}`;
}

function tell(before: Tuning, after: Tuning, { changes, consumer }: SettingsOptions, { console }: Operation): void {
  const valueIn = (tuning: Tuning, name: string): string =>
    String(Reflect.get((consumer === undefined ? tuning : tuning.consumers?.[consumer]) ?? {}, name) ?? 'as deployed');
  for (const text of changes) {
    const name = nameIn(text);
    const whose = consumer === undefined ? '' : ` of '${consumer}'`;
    console.line(`${name}${whose}: ${valueIn(before, name)} -> ${valueIn(after, name)}`);
  }
  console.line('takes effect within a minute, with the next invocation of each function');
}
