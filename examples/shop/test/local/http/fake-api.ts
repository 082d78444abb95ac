import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessTokens } from '../../../local/http/access-tokens.ts';
import type { ApiDescription } from '../../../local/http/api-client.ts';
import { type ApiRequest, NoAnswerError, type SendRequest } from '../../../local/http/send-request.ts';

export const DESCRIPTION: ApiDescription = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../openapi.json'), 'utf8'),
);

export type FakeAnswer =
  | 'lost'
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

/** An API that gives these answers one after another, and the last one for ever. */
export function createFakeApi(answers: readonly FakeAnswer[]) {
  const requests: ApiRequest[] = [];
  const send: SendRequest = async (request) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? 'lost';
    requests.push(request);
    if (answer === 'lost') throw new NoAnswerError('lost');
    return { status: answer.status, body: answer.body, headers: new Headers(answer.headers) };
  };
  return { send, requests };
}

/** Tokens `t-1`, `t-2`, … each as long as it is not refused. */
export function createFakeTokens(): Pick<AccessTokens, 'current' | 'refused'> {
  let count = 1;
  return {
    current: async () => `t-${count}`,
    refused(token) {
      if (token === `t-${count}`) count++;
    },
  };
}
