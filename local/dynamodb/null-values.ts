import { AwsError } from '../endpoint/aws-error.ts';

/**
 * The service's error for a null in a list or a map, which dynalite's validations trip over; undefined for an input
 * without any. Null members of structures are no matter: the service takes them for absent.
 */
export function errorOfNull(input: object): AwsError | undefined {
  const found = pathOfNull(input, []);
  if (found === undefined) return undefined;
  const message =
    found.at(-1) === MEMBER
      ? `1 validation error detected: Value null at '${found.join('.')}' failed to satisfy constraint: Member must not be null`
      : 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes';
  return new AwsError('ValidationException', message);
}

const MEMBER = 'member';

function pathOfNull(value: unknown, path: readonly string[]): readonly string[] | undefined {
  if (value === null) return path;
  if (typeof value !== 'object') return undefined;
  for (const [name, each] of Object.entries(value)) {
    const step = Array.isArray(value) ? [String(Number(name) + 1), MEMBER] : [lowerFirst(name, path)];
    const found = pathOfNull(each, [...path, ...step]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Members are named in lower camel case, keys of maps as they are; only the first name is a member for sure. */
const lowerFirst = (name: string, path: readonly string[]): string =>
  path.length === 0 ? name.charAt(0).toLowerCase() + name.slice(1) : name;
