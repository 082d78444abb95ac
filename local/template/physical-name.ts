import { createHash } from 'node:crypto';

const SUFFIX_LENGTH = 12;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export interface NameRules {
  /** In characters. */
  readonly maxLength: number;
  /** @default false */
  readonly lowerCase?: boolean;
}

/**
 * A name as CloudFormation makes it, `<stack>-<logical id>-<suffix>`. The suffix comes from the first two, so that a
 * resource keeps its name from run to run.
 * @param generation how many resources of this id there were before: each has a name of its own.
 */
export function physicalName(stackName: string, logicalId: string, rules: NameRules, generation = 0): string {
  const { maxLength, lowerCase = false } = rules;
  const room = maxLength - SUFFIX_LENGTH - '--'.length;
  const stackPart = stackName.slice(0, Math.max(Math.floor(room / 2), room - logicalId.length));
  const idPart = logicalId.slice(0, room - stackPart.length);
  const name = `${stackPart}-${idPart}-${suffixOf(stackName, logicalId, generation)}`;
  return lowerCase ? name.toLowerCase() : name;
}

/** A UUID of the same kind: for resources that AWS names with one. */
export function physicalUuid(stackName: string, logicalId: string, generation = 0): string {
  const hex = digest(stackName, logicalId, generation).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

const digest = (stackName: string, logicalId: string, generation: number): Buffer =>
  createHash('sha256')
    .update(`${stackName}/${logicalId}${generation === 0 ? '' : `#${generation}`}`)
    .digest();

const suffixOf = (stackName: string, logicalId: string, generation: number): string =>
  [...digest(stackName, logicalId, generation).subarray(0, SUFFIX_LENGTH)]
    .map((byte) => ALPHABET[byte % ALPHABET.length])
    .join('');
