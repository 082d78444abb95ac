import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { CorsHttpMethod, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Alias, Code, Function as Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import { Schedule, ScheduleExpression, ScheduleGroup, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke, SqsSendMessage } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';

export interface ServicesAppOptions {
  /** Of the tokens that the API takes. */
  readonly issuer: string;
  /** When the function is first invoked by its schedule. */
  readonly sweepAt: Date;
}

/** Keeps what it gets as an object, under the id in its path; as a scheduled job it fails. */
const CLAIMS = `
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
const client = new S3Client();
export const handler = async (event, context) => {
  if (event.job === 'sweep') throw new Error('nothing to sweep');
  const { id } = event.pathParameters;
  await client.send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: id, Body: event.body }));
  const { sub } = event.requestContext.authorizer.jwt.claims;
  return { id, by: sub, version: context.functionVersion };
};
`;

/**
 * Synthesizes a stack `Claims`: an HTTP API for holders of a token, a function behind an alias, a bucket, and schedules
 * for a queue and for the function.
 * @returns the folder of the assembly.
 */
export function synthesizeServicesApp(folder: string, { issuer, sweepAt }: ServicesAppOptions): string {
  const app = new App({ outdir: join(folder, 'assembly') });
  const stack = new Stack(app, 'Claims');
  const bucket = new Bucket(stack, 'Bucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
  });
  const failed = new Queue(stack, 'Failed');
  const handler = new Handler(stack, 'Handler', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(writeCode(folder)),
    environment: { BUCKET: bucket.bucketName },
    timeout: Duration.seconds(20),
  });
  bucket.grantPut(handler);
  const live = new Alias(stack, 'Live', {
    aliasName: 'live',
    version: handler.currentVersion,
    retryAttempts: 0,
    onFailure: new SqsDestination(failed),
  });
  addApi(stack, live, issuer);
  addSchedules(stack, live, sweepAt);
  return app.synth().directory;
}

function addApi(stack: Stack, live: Alias, issuer: string): void {
  const api = new HttpApi(stack, 'Api', {
    corsPreflight: { allowOrigins: ['*'], allowMethods: [CorsHttpMethod.PUT] },
    defaultAuthorizer: new HttpJwtAuthorizer('Login', issuer, { jwtAudience: ['claims'] }),
  });
  api.addRoutes({
    path: '/claims/{id}',
    methods: [HttpMethod.PUT],
    integration: new HttpLambdaIntegration('Put', live),
  });
  stack.exportValue(api.apiEndpoint, { name: 'ClaimsUrl' });
}

function addSchedules(stack: Stack, live: Alias, sweepAt: Date): void {
  const ticks = new Queue(stack, 'Ticks', { fifo: true, contentBasedDeduplication: true });
  new Schedule(stack, 'Tick', {
    schedule: ScheduleExpression.cron({ minute: '0/5', timeZone: TimeZone.EUROPE_BERLIN }),
    target: new SqsSendMessage(ticks, {
      input: ScheduleTargetInput.fromObject({ tick: true }),
      messageGroupId: 'ticks',
    }),
    scheduleGroup: new ScheduleGroup(stack, 'Group'),
  });
  new Schedule(stack, 'Sweep', {
    schedule: ScheduleExpression.rate(Duration.hours(1)),
    target: new LambdaInvoke(live, { input: ScheduleTargetInput.fromObject({ job: 'sweep' }), retryAttempts: 2 }),
    start: sweepAt,
  });
}

/** The SDK is found in the project's own node_modules, through the import's absolute path. */
function writeCode(folder: string): string {
  const code = join(folder, 'handler');
  const source = CLAIMS.replace("'@aws-sdk/client-s3'", JSON.stringify(import.meta.resolve('@aws-sdk/client-s3')));
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, 'index.mjs'), source);
  return code;
}
