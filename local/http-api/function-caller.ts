import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Caller, RestService, SiteResponse } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import type { Integration } from './api.ts';
import { readFunctionResponse } from './function-response.ts';

export interface FunctionCallerDeps {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
  readonly lambda: RestService;
}

type Answer = SiteResponse | 'failed' | 'timed-out' | 'too-large';

/** @param source of the call, for the function's permission: `<api id>/<stage>/<method><path of the route>`. */
export type CallFunction = (integration: Integration, event: object, source: string) => Promise<Answer>;

/** Invokes functions as API Gateway does; why one could not answer is said in the run's log only. */
export function createFunctionCaller({ clock, region, accountId, log, lambda }: FunctionCallerDeps): CallFunction {
  const invoke = async ({ functionArn }: Integration, event: object, caller: Caller): Promise<Answer> => {
    try {
      const result = await lambda.handle(
        {
          method: 'POST',
          path: `/2015-03-31/functions/${functionArn}/invocations`,
          query: new URLSearchParams(),
          headers: { 'x-amz-invocation-type': 'RequestResponse' },
          body: Buffer.from(JSON.stringify(event)),
        },
        caller,
      );
      const payload = Buffer.from(result.body ?? '').toString('utf8');
      if (result.headers?.['x-amz-function-error'] !== undefined) return 'failed';
      const answer = readFunctionResponse(payload);
      if (answer !== undefined) return answer;
      log('warn', 'http-api', 'a function answered what API Gateway cannot use', { functionArn, answer: payload });
    } catch (error) {
      log('warn', 'http-api', 'a function could not be invoked', { functionArn, error });
      // the event, in which a binary body is base64, has more than the 6 MB that Lambda takes
      if (error instanceof AwsError && error.code === 'RequestTooLargeException') return 'too-large';
    }
    return 'failed';
  };

  return async (integration, event, source) => {
    const { credentialsArn, timeoutMs, functionArn } = integration;
    const caller: Caller =
      credentialsArn === undefined
        ? {
            kind: 'service',
            principal: 'apigateway.amazonaws.com',
            sourceArn: `arn:aws:execute-api:${region}:${accountId}:${source}`,
          }
        : { kind: 'role', roleArn: credentialsArn };
    let cancel = () => {};
    const timeout = new Promise<Answer>((resolve) => {
      cancel = clock.schedule(timeoutMs, () => {
        log('warn', 'http-api', `a function took longer than ${timeoutMs} ms`, { functionArn });
        resolve('timed-out');
      });
    });
    try {
      return await Promise.race([invoke(integration, event, caller), timeout]);
    } finally {
      cancel();
    }
  };
}
