import type { JsonService, RestService } from '../endpoint/service.ts';
import type { HttpApis } from '../http-api/http-apis.ts';
import type { Lambda } from '../lambda/lambda.ts';

/** What resources are created on. */
export interface Engines {
  readonly dynamoDb: JsonService;
  readonly sqs: JsonService;
  readonly eventBridge: JsonService;
  readonly lambda: Pick<
    Lambda,
    | 'configureAsync'
    | 'createAlias'
    | 'createEventSourceMapping'
    | 'createFunction'
    | 'deleteAlias'
    | 'deleteEventSourceMapping'
    | 'deleteFunction'
    | 'deleteVersion'
    | 'functionArn'
    | 'publishVersion'
    | 'removeAsync'
    | 'updateAlias'
    | 'updateEventSourceMapping'
    | 'updateFunction'
  >;
  readonly s3: RestService;
  readonly scheduler: RestService;
  readonly secretsManager: JsonService;
  readonly ssm: JsonService;
  readonly httpApis: Omit<HttpApis, 'site' | 'issuers'>;
}
