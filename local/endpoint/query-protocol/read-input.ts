import type { JsonObject } from '../service.ts';
import { growTree, numbered, type ParameterTree } from './parameter-tree.ts';
import type { Shape, StructureShape } from './shape.ts';

/**
 * The input that the JSON protocol would have carried. Parameters that the shape does not know are passed over; a text
 * that is not of its type stays a text, so that the service refuses it in its own words.
 */
export const readInput = (parameters: URLSearchParams, shape: StructureShape): JsonObject =>
  readStructure(growTree(parameters), shape);

function readStructure(tree: ParameterTree, { members }: StructureShape): JsonObject {
  const found: [string, unknown][] = [];
  for (const { name, wireName, shape } of members) {
    const child = tree.children.get(wireName);
    if (child !== undefined) found.push([name, readValue(child, shape)]);
  }
  return Object.fromEntries(found);
}

function readValue(tree: ParameterTree, shape: Shape): unknown {
  switch (shape) {
    case 'string':
      return tree.text;
    case 'integer':
      return tree.text !== undefined && /^[+-]?\d+$/.test(tree.text) ? Number(tree.text) : tree.text;
    case 'boolean':
      return tree.text === 'true' || tree.text === 'false' ? tree.text === 'true' : tree.text;
  }
  switch (shape.kind) {
    case 'structure':
      return readStructure(tree, shape);
    case 'list':
      // `AttributeName=All` is a list of one
      return (tree.text === undefined ? numbered(tree) : [tree]).map((entry) => readValue(entry, shape.of));
    case 'map':
      return Object.fromEntries(
        numbered(tree).flatMap((entry) => {
          const key = entry.children.get(shape.keyName)?.text;
          const value = entry.children.get(shape.valueName);
          return key === undefined || value === undefined ? [] : [[key, readValue(value, shape.of)]];
        }),
      );
  }
}
