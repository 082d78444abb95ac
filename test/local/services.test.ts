import { createServer } from 'node:http';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../local/clock.ts';
import { type LocalRun, startLocalRun } from '../../local/run.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../local/temporary-folder.ts';
import { createTokenIssuer, type TokenIssuer } from './http-api/token-issuer.ts';
import { synthesizeServicesApp } from './services-app.ts';

const MINUTE_MS = 60_000;

describe('a local run of an app with an API, a bucket and schedules', () => {
  const logged: string[] = [];
  let folder: TemporaryFolder;
  let clock: MovableClock;
  let login: TokenIssuer & AsyncDisposable;
  let run: LocalRun;
  let sqs: SQSClient;

  beforeAll(async () => {
    folder = createTemporaryFolder();
    clock = createMovableClock();
    login = await openLogin();
    run = await startLocalRun({
      assemblyFolder: synthesizeServicesApp(folder.path, {
        issuer: login.issuer,
        sweepAt: new Date(clock.now() + 30 * MINUTE_MS),
      }),
      clock,
      log: (level, source, message, fields) => {
        if (level !== 'debug' && level !== 'info') logged.push(`${source}: ${message} ${JSON.stringify(fields)}`);
      },
    });
    sqs = new SQSClient({
      endpoint: run.endpointUrl,
      region: run.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  });

  afterAll(async () => {
    sqs?.destroy();
    await run?.close();
    await login?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  const receiveFrom = async (logicalId: string): Promise<unknown[]> => {
    const queue = run.deployment.queues.find((each) => each.logicalId.startsWith(logicalId));
    const receive = new ReceiveMessageCommand({ QueueUrl: queue?.url, WaitTimeSeconds: 20 });
    const { Messages = [] } = await sqs.send(receive);
    return Messages.map(({ Body = '' }) => JSON.parse(Body));
  };

  it('lists them', () => {
    const { apis, schedules } = run.deployment;

    expect(apis).toMatchObject([{ apiName: 'Api', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/_apis\//) }]);
    expect(schedules).toMatchObject([
      { expression: 'cron(0/5 * * * ? *)', enabled: true },
      { expression: 'rate(1 hour)', enabled: true },
    ]);
    expect(run.deployment.outputs.get('Claims')?.get('ExportClaimsUrl')).toBe(apis[0]?.url);
  });

  it('puts a claim into the bucket through the API for a caller with a token', async () => {
    const url = `${run.deployment.apis[0]?.url}/claims/c-1`;
    const token = login.token({ sub: 'ada', aud: 'claims', exp: Date.now() / 1000 + 600 });

    const refused = await fetch(url, { method: 'PUT', body: 'a claim' });
    const answer = await fetch(url, {
      method: 'PUT',
      body: 'a claim',
      headers: { authorization: `Bearer ${token}` },
    });

    expect(refused.status).toBe(401);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ id: 'c-1', by: 'ada', version: '1' });
    const bucket = run.deployment.resources.find(({ type }) => type === 'AWS::S3::Bucket');
    expect(
      run.s3
        .objects(bucket?.physicalId ?? '')
        .get('c-1')
        ?.toString(),
    ).toBe('a claim');
    expect(logged).toEqual([]);
  });

  it('sends what is scheduled to its queue', async () => {
    clock.advance(5 * MINUTE_MS);

    expect(await receiveFrom('Ticks')).toEqual([{ tick: true }]);
  });

  it('passes a scheduled job to the function, and a failed one to the queue of its alias', async () => {
    clock.advance(30 * MINUTE_MS);

    expect(await receiveFrom('Failed')).toMatchObject([
      {
        requestContext: {
          functionArn: expect.stringMatching(/:live$/),
          condition: 'RetriesExhausted',
          approximateInvokeCount: 1,
        },
        requestPayload: { job: 'sweep' },
        responsePayload: { errorMessage: 'nothing to sweep' },
      },
    ]);
  });
});

/** An issuer that answers for its keys over HTTP. */
async function openLogin(): Promise<TokenIssuer & AsyncDisposable> {
  const server = createServer(async (request, response) => {
    response.end(JSON.stringify(await issuer.fetchJson(`${issuer.issuer}${request.url}`)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const issuer = createTokenIssuer(`http://127.0.0.1:${port}`);
  return {
    ...issuer,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
