import type { Shape, StructureShape } from './shape.ts';

/** The elements of a structure's members, without an element around them; absent members leave no trace. */
export function writeMembers(value: object, { members }: StructureShape): string {
  const values = new Map<string, unknown>(Object.entries(value));
  return members.map(({ name, wireName, shape }) => writeValue(wireName, values.get(name), shape)).join('');
}

export const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

export const escapeText = (text: string): string =>
  // a bare carriage return would reach the reader as a line feed; controls are no characters of XML, even so
  text.replace(/[&<>"\p{Cc}\uFFFE\uFFFF]/gu, (found) => ESCAPES[found] ?? reference(found));

const reference = (character: string): string =>
  KEPT.has(character) ? character : `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;

const KEPT = new Set(['\t', '\n']);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function writeValue(name: string, value: unknown, shape: Shape): string {
  if (value === undefined || value === null) return '';
  if (typeof shape === 'string') return element(name, escapeText(String(value)));
  switch (shape.kind) {
    case 'structure':
      return typeof value === 'object' ? element(name, writeMembers(value, shape)) : '';
    case 'list':
      return Array.isArray(value) ? value.map((entry) => writeValue(name, entry, shape.of)).join('') : '';
    case 'map':
      return Object.entries(value)
        .map(([key, entry]) =>
          element(name, element(shape.keyName, escapeText(key)) + writeValue(shape.valueName, entry, shape.of)),
        )
        .join('');
  }
}
