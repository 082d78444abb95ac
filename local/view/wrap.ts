const SEPARATOR = ' · ';

/**
 * Breaks a line so that no part is longer than `width`: after a separator where it can, else at a space, else in a word. The
 * parts after the first begin where the text after the line's title does (`  waiting   orders 2` at `orders`).
 */
export function wrap(line: string, width: number): readonly string[] {
  const titleEnd = /^\s*(\S+\s{2,})?/.exec(line)?.[0].length ?? 0;
  // a column that leaves no room is none
  const indent = titleEnd < width / 2 ? titleEnd : 0;
  const parts: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const separator = rest.lastIndexOf(SEPARATOR, width - SEPARATOR.length + 1);
    const space = rest.lastIndexOf(' ', width);
    const at = separator > indent ? separator + SEPARATOR.length : space > indent ? space : width;
    parts.push(rest.slice(0, at).trimEnd());
    rest = `${' '.repeat(indent)}${rest.slice(at).trimStart()}`;
  }
  return [...parts, rest];
}
