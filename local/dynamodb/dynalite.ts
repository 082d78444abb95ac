import { createRequire } from 'node:module';
import type { DocumentPath } from '../../lib/testing/dynamodb/expressions.ts';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { errorOfNull } from './null-values.ts';
import { NO_LIMITS, type RequestShape } from './request-rules.ts';

/**
 * What the engine takes from dynalite (CommonJS, untyped): the checking of requests. Storage, reads, writes, tables, the
 * parsing and evaluation of expressions, and all that dynalite lacks, are ours.
 */
const require = createRequire(import.meta.url);
const db: DynaliteDb = require('dynalite/db');
const validations: DynaliteValidations = require('dynalite/validations');

interface DynaliteError extends Error {
  readonly statusCode?: number;
  readonly body?: { readonly __type: string; readonly message?: string; readonly Message?: string };
}

interface DynaliteDb {
  mapPaths(paths: readonly DocumentPath[], item: Item): Item;
}

interface DynaliteValidations {
  checkTypes(input: object, types: object): object;
  checkValidations(request: object, types: object, custom: RequestShape['custom'], store: object): void;
}

/**
 * Validates a request and parses its expressions (into members that start with `_`). Members that the shape does not
 * know are dropped, as AWS does.
 * @throws AwsError `ValidationException` or `SerializationException`, with AWS's message.
 */
export function parseRequest<Request>(shape: RequestShape, input: JsonObject): Request {
  try {
    const request = validations.checkTypes({ ...input }, shape.types);
    validations.checkValidations(request, shape.types, shape.custom, NO_LIMITS);
    return request as Request;
  } catch (error) {
    throw (error instanceof TypeError ? errorOfNull(input) : undefined) ?? toAwsError(error as DynaliteError);
  }
}

export const project = (item: Item, paths: readonly DocumentPath[]): Item => db.mapPaths(paths, item);

function toAwsError(error: DynaliteError): Error {
  if (error.body === undefined) return error;
  const code = error.body.__type.split('#')[1] ?? error.body.__type;
  return new AwsError(code, error.body.message ?? error.body.Message ?? code, { statusCode: error.statusCode ?? 400 });
}
