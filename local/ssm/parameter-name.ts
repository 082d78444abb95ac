import { AwsError } from '../endpoint/aws-error.ts';
import { validationError } from '../eventbridge/members.ts';

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html */
const MOST_LEVELS = 15;
const MOST_CHARACTERS = 1011;

const ALLOWED = /^[a-zA-Z0-9_.\-/]+$/;

const NAME_RULE =
  'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

const PATH_RULE =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.';

/** Of a parameter that is to be created. @throws AwsError ValidationException, AccessDeniedException, HierarchyLevelLimitExceededException */
export function checkNewName(name: string, arn: string): void {
  if (/^\/?aws/i.test(name))
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  if (/^\/?ssm/i.test(name) || !ALLOWED.test(name)) throw validationError(NAME_RULE);
  const isPath = name.includes('/');
  if (isPath && !name.startsWith('/')) throw validationError('Parameter name must be a fully qualified name.');
  const levels = name.replace(/^\//, '').split('/');
  if (levels.includes('')) throw validationError(NAME_RULE);
  if (levels.length > MOST_LEVELS) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${MOST_LEVELS} levels; ${name} has ${levels.length}.`,
    );
  }
  if (arn.length > MOST_CHARACTERS) {
    throw validationError(
      `The ARN of parameter ${name.slice(0, 100)} has ${arn.length} characters, at most ${MOST_CHARACTERS} are allowed.`,
    );
  }
}

/** Of GetParametersByPath. @throws AwsError ValidationException */
export function checkPath(path: string): void {
  if (!path.startsWith('/') || !ALLOWED.test(path)) throw validationError(PATH_RULE);
}

/** Whether a parameter stands below `path`: directly, or at any depth. */
export function isBelow(name: string, path: string, recursive: boolean): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`;
  const full = name.startsWith('/') ? name : `/${name}`;
  if (!full.startsWith(folder)) return false;
  return recursive || !full.slice(folder.length).includes('/');
}

export interface ParameterReference {
  readonly name: string;
  /** A version number or a label: what follows the colon. */
  readonly selector: string | undefined;
  readonly isArn: boolean;
}

/** Reads `name`, `name:3`, `name:label`, and the same with the parameter's ARN in place of its name. */
export function parseReference(text: string): ParameterReference {
  const [, fromArn] = /^arn:[^:]+:ssm:[^:]*:[^:]*:parameter(\/.*)$/.exec(text) ?? [];
  const [name = '', ...selector] = (fromArn ?? text).trim().split(':');
  return { name, selector: selector.length === 0 ? undefined : selector.join(':'), isArn: fromArn !== undefined };
}

/** A name without a slash has the same ARN as the name with one in front. */
export const parameterArn = (name: string, { region, accountId }: { region: string; accountId: string }): string =>
  `arn:aws:ssm:${region}:${accountId}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
