/**
 * A test for strings in which `*` stands for any number of characters; `\*` and `\\` are the characters themselves.
 * @throws RangeError for two wildcards in a row, a backslash before anything else, or a pattern that is too complex.
 */
export function compileWildcard(pattern: string): (value: string) => boolean {
  const [first = '', ...rest] = splitAtWildcards(pattern);
  if (mostRepeated(rest) > MOST_REPEATED) {
    throw new RangeError(
      'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    );
  }
  const last = rest.pop();
  if (last === undefined) return (value) => value === first;
  return (value) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
    const end = value.length - last.length;
    let position = first.length;
    for (const literal of rest) {
      const found = value.indexOf(literal, position);
      if (found === -1 || found + literal.length > end) return false;
      position = found + literal.length;
    }
    return true;
  };
}

/**
 * How many wildcards may be followed by the same character. The service counts the states of its machine, by a rule that
 * it does not publish; recorded is a refusal of five.
 */
const MOST_REPEATED = 4;

function mostRepeated(literals: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const literal of literals) {
    const first = literal.charAt(0);
    if (first !== '') counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** The literals between the wildcards, in order: one more than there are wildcards. */
function splitAtWildcards(pattern: string): string[] {
  const literals: string[] = [];
  let literal = '';
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    if (character === '\\') {
      const escaped = pattern.charAt(++index);
      if (escaped !== '*' && escaped !== '\\') throw new RangeError(`Invalid escape character at pos ${index}`);
      literal += escaped;
    } else if (character === '*') {
      if (pattern.charAt(index + 1) === '*') {
        throw new RangeError(`Consecutive wildcard characters at pos ${index + 1}`);
      }
      literals.push(literal);
      literal = '';
    } else {
      literal += character;
    }
  }
  return [...literals, literal];
}
