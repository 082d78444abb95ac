import { refuseTakenPort } from '../../local/start/free-port.ts';
import { UsageError } from '../../local/start/usage-error.ts';
import { whenOutputCloses } from '../../local/view/closed-output.ts';
import { openAllEngines, REGION } from '../fixtures/all-engines.ts';

whenOutputCloses([process.stdout], () => process.exit(1));

const USAGE = `Serves empty engines of DynamoDB, SQS, EventBridge, Lambda and S3 at one endpoint, until Ctrl-C.

Usage: npm run serve:engines -- [PORT]

PORT is one of 127.0.0.1, 0 to 65535 (default: a free one).
`;

const [port = '0', ...more] = process.argv.slice(2);
if (port === '--help') process.stdout.write(USAGE);
else {
  try {
    await serve(portOf(port, more));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

function portOf(text: string, others: readonly string[]): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 && others.length === 0) return Number(text);
  throw new UsageError(`serve:engines takes one port from 0 to 65535, or --help, got '${[text, ...others].join(' ')}'`);
}

async function serve(at: number): Promise<void> {
  await refuseTakenPort(at);
  const engines = await openAllEngines(at);
  console.log(
    `export AWS_ENDPOINT_URL=${engines.url} AWS_REGION=${REGION} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void engines[Symbol.asyncDispose]());
}
