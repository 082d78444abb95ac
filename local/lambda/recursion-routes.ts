import { isRecursiveLoop, type RecursiveLoop } from './configuration.ts';
import { invalidParameter } from './errors.ts';
import type { Functions } from './functions.ts';
import { json, type Route } from './route.ts';

const CONFIG = /^\/functions\/([^/]+)\/recursion-config$/;

/** GetFunctionRecursionConfig and PutFunctionRecursionConfig. */
export const createRecursionRoutes = (functions: Functions): readonly Route[] => [
  {
    method: 'GET',
    path: CONFIG,
    answer: (_request, reference) => {
      const { recursiveLoop = 'Terminate' } = functions.find(reference).function.pool.configuration;
      return json({ RecursiveLoop: recursiveLoop });
    },
  },
  {
    method: 'PUT',
    path: CONFIG,
    answer: ({ body }, reference) => {
      const recursiveLoop = readRecursiveLoop(body);
      functions.find(reference).function.pool.setRecursiveLoop(recursiveLoop);
      return json({ RecursiveLoop: recursiveLoop });
    },
  },
];

function readRecursiveLoop(body: Buffer): RecursiveLoop {
  const { RecursiveLoop: value } = JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>;
  if (isRecursiveLoop(value)) return value;
  throw invalidParameter(`RecursiveLoop is '${String(value)}', allowed are Allow and Terminate`);
}
