const LONGEST_SHOWN = 100;

/**
 * Formats a value for an error message: strings in quotes, numbers and booleans as they are, other values by their
 * kind; at most 100 characters. Never throws.
 */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > LONGEST_SHOWN ? `'${value.slice(0, LONGEST_SHOWN)}…'` : `'${value}'`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : kindOf(value);
    default:
      return `a ${typeof value}`;
  }
}

function kindOf(value: object): string {
  if (Array.isArray(value)) return 'a list';
  // not `constructor.name`, which a value may override and bundlers shorten
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return tag === 'Object' ? 'an object' : `a ${tag.slice(0, LONGEST_SHOWN)}`;
}
