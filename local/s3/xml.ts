import { ownMember } from '../../lib/definitions/index.ts';

/** Markup that is written already, as opposed to text that still needs escaping. */
export interface Markup {
  readonly markup: string;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function element(name: string, content: string | number | boolean | readonly Markup[]): Markup {
  const inner = Array.isArray(content)
    ? content.map(({ markup }) => markup).join('')
    : // S3 writes controls as references, which XML 1.0 does not allow either: encoding-type=url is there for them
      String(content).replaceAll(
        /[&<>"\r\p{Cc}\uFFFE\uFFFF]/gu,
        (character) => ENTITIES[character] ?? reference(character),
      );
  return { markup: `<${name}>${inner}</${name}>` };
}

const reference = (character: string): string =>
  character === '\t' || character === '\n' ? character : `&#${character.charCodeAt(0)};`;

/** The element, or nothing for a value that is not there. */
export const optionalElement = (name: string, value: string | undefined): readonly Markup[] =>
  value === undefined ? [] : [element(name, value)];

export const xmlDocument = (root: string, children: readonly Markup[]): string => {
  const attributes = root === 'Error' ? '' : ` xmlns="${NAMESPACE}"`;
  const inner = children.map(({ markup }) => markup).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attributes}>${inner}</${root}>`;
};

/**
 * What stands between the tags of every `<name>` in the text, nested markup included; names do not nest in themselves.
 * Each character is looked at once, however many tags are open.
 */
export function contentsOf(name: string, text: string): readonly string[] {
  const contents: string[] = [];
  const closing = `</${name}>`;
  for (let at = text.indexOf(`<${name}`); at !== -1; at = text.indexOf(`<${name}`, at)) {
    at += name.length + 1;
    if (!/[\s>]/.test(text.charAt(at))) continue;
    const start = text.indexOf('>', at);
    const end = start === -1 ? -1 : text.indexOf(closing, start);
    if (end === -1) break;
    contents.push(text.slice(start + 1, end));
    at = end + closing.length;
  }
  return contents;
}

/** Text of an element, its entities resolved. */
export const textOf = (content: string): string =>
  content.replaceAll(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g, (whole, decimal?: string, hex?: string, name = '') => {
    if (decimal !== undefined) return characterOf(Number(decimal)) ?? whole;
    if (hex !== undefined) return characterOf(Number.parseInt(hex, 16)) ?? whole;
    return ownMember(CHARACTERS, name) ?? whole;
  });

const LAST_CODE_POINT = 0x10_ff_ff;

const characterOf = (codePoint: number): string | undefined =>
  codePoint <= LAST_CODE_POINT ? String.fromCodePoint(codePoint) : undefined;
