import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tries } from './tries.ts';

/** @param folder for the payload and the answer, which the CLI takes and gives as files. */
export function lambdaTries(functionName: string, folder: string): Tries {
  const payload = join(folder, 'payload.json');
  const answer = join(folder, 'answer.json');
  return {
    'lambda list-functions': async (cli) => {
      deepEqual(await cli.run('lambda', 'list-functions', '--query', 'Functions[].FunctionName'), [functionName]);
    },
    'lambda invoke': async (cli) => {
      writeFileSync(payload, '{"name":"Ada"}');
      const invoke = ['lambda', 'invoke', '--function-name', functionName, '--payload', `fileb://${payload}`, answer];
      deepEqual(await cli.run(...invoke), { StatusCode: 200, ExecutedVersion: '$LATEST' });
      equal(readFileSync(answer, 'utf8'), '"Hello, Ada"');
    },
    'lambda invoke of a function that is not there': async (cli) => {
      equal(await cli.fails('lambda', 'invoke', '--function-name', 'nobody', answer), 'ResourceNotFoundException');
    },
  };
}
