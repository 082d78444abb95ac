import type { IncomingMessage } from 'node:http';
import { AwsError } from './aws-error.ts';
import type { JsonObject } from './service.ts';

/** What the largest request of any service needs: DynamoDB's batches of 16 MB, written as JSON. */
export const MOST_BODY_BYTES = 24 * 1024 * 1024;

/** Objects are whole bodies; AWS takes 5 GB in one request, which no process keeps in memory. */
export const MOST_OBJECT_BYTES = 512 * 1024 * 1024;

/** More than any request of a service has; deeper ones would end recursive code by a stack overflow. */
const MOST_JSON_LEVELS = 1_000;

/** The whole body, or its first bytes beyond `mostBytes`: the rest is read and forgotten. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (bytes <= mostBytes) chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return Buffer.concat(chunks);
}

export const bodyTooLarge = (mostBytes: number): AwsError =>
  new AwsError('RequestEntityTooLargeException', `the request body has more than ${mostBytes} bytes`, {
    statusCode: 413,
  });

/** @throws AwsError `SerializationException` for what is no JSON object, or has too many levels. */
export function parseInput(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  const text = body.toString('utf8');
  if (isTooDeep(text)) {
    throw new AwsError('SerializationException', `the request body has more than ${MOST_JSON_LEVELS} levels`);
  }
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (cause) {
    throw new AwsError('SerializationException', 'the request body is not JSON', { cause });
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as JsonObject;
  throw new AwsError('SerializationException', 'the request body is no JSON object');
}

const OPENERS = new Set(['{', '['].map((character) => character.charCodeAt(0)));
const CLOSERS = new Set(['}', ']'].map((character) => character.charCodeAt(0)));
const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);

/** Counts brackets outside of strings; texts that are too short to be that deep are not looked through. */
export function isTooDeep(json: string, mostLevels: number = MOST_JSON_LEVELS): boolean {
  if (json.length <= 2 * mostLevels) return false;
  let levels = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(json, at);
    } else if (OPENERS.has(code)) {
      levels += 1;
      if (levels > mostLevels) return true;
    } else if (CLOSERS.has(code)) {
      levels -= 1;
    }
  }
  return false;
}

/** Where the string that begins at `start` ends. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return json.length;
}
