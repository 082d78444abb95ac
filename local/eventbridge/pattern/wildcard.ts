/**
 * A test for strings in which `*` stands for any number of characters; `\*` and `\\` are the characters themselves.
 * @throws RangeError for two wildcards in a row or a backslash before anything else.
 */
export function compileWildcard(pattern: string): (value: string) => boolean {
  const [first = '', ...rest] = splitAtWildcards(pattern);
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
