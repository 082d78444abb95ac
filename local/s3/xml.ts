import { ownMember } from '../../lib/contracts/index.ts';
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
  '\r': '&#13;',
};
const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function element(name: string, content: string | number | boolean | readonly Markup[]): Markup {
  const inner = Array.isArray(content)
    ? content.map(({ markup }) => markup).join('')
    : String(content).replaceAll(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);
  return { markup: `<${name}>${inner}</${name}>` };
}

/** The element, or nothing for a value that is not there. */
export const optionalElement = (name: string, value: string | undefined): readonly Markup[] =>
  value === undefined ? [] : [element(name, value)];

export const xmlDocument = (root: string, children: readonly Markup[]): string => {
  const attributes = root === 'Error' ? '' : ` xmlns="${NAMESPACE}"`;
  const inner = children.map(({ markup }) => markup).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attributes}>${inner}</${root}>`;
};

/** What stands between the tags of every `<name>` in the text, nested markup included; names do not nest in themselves. */
export const contentsOf = (name: string, text: string): readonly string[] =>
  [...text.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(([, inner = '']) => inner);

/** Text of an element, its entities resolved. */
export const textOf = (content: string): string =>
  content.replaceAll(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g, (whole, decimal?: string, hex?: string, name = '') => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ownMember(CHARACTERS, name) ?? whole;
  });
