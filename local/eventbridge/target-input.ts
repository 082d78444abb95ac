import type { JsonObject } from '../endpoint/service.ts';
import { compileInputTransformer } from './input-transformer.ts';
import { requireJsonPath } from './json-path.ts';
import { optionalObject, optionalString, validationError } from './members.ts';
import type { TargetInput } from './rule.ts';

/** @throws AwsError `ValidationException` */
export function compileTargetInput(target: JsonObject, targetId: string): TargetInput {
  const input = optionalString(target, 'Input');
  const inputPath = optionalString(target, 'InputPath');
  const transformer = optionalObject(target, 'InputTransformer');
  if ([input, inputPath, transformer].filter((one) => one !== undefined).length > 1) {
    throw validationError(`Only one of Input, InputPath, or InputTransformer must be provided for target ${targetId}.`);
  }
  if (input !== undefined) return constantInput(input, targetId);
  if (transformer !== undefined) return compileInputTransformer(transformer, targetId);
  if (inputPath === '$.detail') return (event) => event.detailJson;
  if (inputPath === undefined || inputPath === '$') return (event) => event.json;
  const path = requireJsonPath(inputPath, `InputPath for target ${targetId}`);
  return (event) => JSON.stringify(path(event.fields) ?? null);
}

function constantInput(input: string, targetId: string): TargetInput {
  try {
    JSON.parse(input);
  } catch (cause) {
    throw validationError(`JSON syntax error in Input for target ${targetId}.`, cause);
  }
  return () => input;
}
