import { functionCall } from './intrinsics.ts';
import { isObject, toList } from './json.ts';
import type { PropertiesKnowledge } from './resource-type.ts';

/** The properties that a template uses and the run does not know, as paths: `Targets.EcsParameters`. */
export function unknownProperties(properties: unknown, known: PropertiesKnowledge): string[] {
  const unknown = toList(properties).flatMap((item) => {
    // what a function stands for is nobody's to know before the resources exist
    if (!isObject(item) || functionCall(item) !== undefined) return [];
    return Object.entries(item).flatMap(([name, value]) => {
      const knowledge = Object.hasOwn(known, name) ? known[name] : undefined;
      if (knowledge === undefined) return [name];
      return typeof knowledge === 'string' ? [] : unknownProperties(value, knowledge).map((path) => `${name}.${path}`);
    });
  });
  return [...new Set(unknown)];
}
