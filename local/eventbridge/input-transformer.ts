import type { JsonObject } from '../endpoint/service.ts';
import { type BusEvent, toEventTime } from './bus-event.ts';
import { UndeliverableError } from './delivery-error.ts';
import { requireJsonPath } from './json-path.ts';
import { optionalObject, requireString, validationError } from './members.ts';
import type { RuleIdentity, TargetInput } from './rule.ts';

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
const MOST_VARIABLES = 100;
const PLACEHOLDER = /<([\w.-]+)>/g;

/** Variables that exist without an input path; the event without its detail comes under names of its own. */
const PREDEFINED: Readonly<Record<string, (event: BusEvent, rule: RuleIdentity) => unknown>> = {
  'aws.events.rule-arn': (_event, rule) => rule.arn,
  'aws.events.rule-name': (_event, rule) => rule.name,
  'aws.events.event.ingestion-time': (event) => toEventTime(event.ingestedAt),
  'aws.events.event.json': (event) => event.fields,
  'aws.events.event': ({ fields }) => ({
    id: fields['id'],
    account: fields['account'],
    detailType: fields['detail-type'],
    time: fields['time'],
    source: fields['source'],
    region: fields['region'],
    resources: fields['resources'],
    version: fields['version'],
  }),
};

type Variable = (event: BusEvent, rule: RuleIdentity) => unknown;

/** A piece of the template: text as it is, or a variable with whether it stands between quotes. */
type Piece = string | { readonly variable: Variable; readonly quoted: boolean };

/** @throws AwsError `ValidationException` */
export function compileInputTransformer(transformer: JsonObject, targetId: string): TargetInput {
  const template = requireString(transformer, 'InputTemplate');
  const variables = readVariables(optionalObject(transformer, 'InputPathsMap') ?? {}, targetId);
  const pieces = cutTemplate(template, variables, targetId);
  const isJson = /^\s*[{[]/.test(template);
  return (event, rule) => {
    const text = pieces.map((piece) => (typeof piece === 'string' ? piece : fill(piece, event, rule, isJson))).join('');
    if (isJson) assertJson(text);
    return text;
  };
}

function readVariables(paths: JsonObject, targetId: string): ReadonlyMap<string, Variable> {
  const names = Object.keys(paths);
  if (names.length > MOST_VARIABLES) {
    throw validationError(
      `Invalid InputTransformer for target ${targetId} : InputPathsMap has ${names.length} entries, at most ${MOST_VARIABLES} are allowed.`,
    );
  }
  const variables = new Map<string, Variable>(Object.entries(PREDEFINED));
  for (const name of names) {
    if (/^aws/i.test(name)) {
      throw validationError(
        `Invalid InputTransformer for target ${targetId} : variable '${name}' starts with 'AWS', which is reserved.`,
      );
    }
    const path = requireJsonPath(requireString(paths, name), `InputPathsMap entry '${name}' for target ${targetId}`);
    variables.set(name, (event) => path(event.fields));
  }
  return variables;
}

function cutTemplate(template: string, variables: ReadonlyMap<string, Variable>, targetId: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [placeholder, name = ''] = match;
    const variable = variables.get(name);
    if (variable === undefined) {
      throw validationError(`InputTemplate for target ${targetId} contains invalid placeholder ${name}.`);
    }
    pieces.push(template.slice(end, match.index), { variable, quoted: isInsideQuotes(template, match.index) });
    end = match.index + placeholder.length;
  }
  return [...pieces, template.slice(end)];
}

function isInsideQuotes(template: string, position: number): boolean {
  return (template.slice(0, position).replace(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1;
}

/**
 * Values are not escaped, and JSON between quotes of a text template loses its own quotes: both documented. In a JSON
 * template nothing is delivered for it, as recorded on AWS.
 */
function fill(
  piece: { readonly variable: Variable; readonly quoted: boolean },
  event: BusEvent,
  rule: RuleIdentity,
  isJson: boolean,
): string {
  const value = piece.variable(event, rule) ?? '';
  if (isJson && piece.quoted && typeof value === 'object') {
    throw new UndeliverableError(
      'INVALID_JSON',
      `the input transformer puts an object or a list into a JSON string: ${JSON.stringify(value).slice(0, 200)}`,
    );
  }
  if (isJson && !piece.quoted) return JSON.stringify(value);
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '');
}

function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new UndeliverableError('INVALID_JSON', `the input transformer made no valid JSON: ${text.slice(0, 200)}`);
  }
}
