import { whenOutputCloses } from '../../../local/view/closed-output.ts';
import { ACCOUNT_ID, openAllEngines, REGION } from '../../fixtures/all-engines.ts';
import { createFunctionFolder } from '../../local/lambda/function-folder.ts';
import { cliVersion, createCli } from './cli.ts';
import { dynamoDbTries } from './dynamodb-tries.ts';
import { eventBridgeTries } from './eventbridge-tries.ts';
import { lambdaTries } from './lambda-tries.ts';
import { sqsTries } from './sqs-tries.ts';

whenOutputCloses([process.stdout], () => process.exit(1));

const USAGE = `Tries the AWS CLI against engines of its own.

Usage: npm run try:awscli -- [PATH]

PATH is the command to try, such as /usr/bin/aws (default: aws).

Exit status: 0 when every try passed, 1 when one failed, 2 when nothing was tried.
`;
const NOT_TRIED = 2;

const [path = 'aws', ...more] = process.argv.slice(2);
if (path === '--help') {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (path.startsWith('-') || more.length > 0) {
  console.error(`try:awscli takes the path of one command, or --help, got '${[path, ...more].join(' ')}'`);
  process.exit(NOT_TRIED);
}

const version = await cliVersion(path);
if (version === undefined) {
  console.error(`nothing was tried: there is no '${path}'; install awscli, or name the one to try`);
  process.exit(NOT_TRIED);
}
console.log(version);

await using engines = await openAllEngines();
const folder = createFunctionFolder();
engines.lambda.createFunction({
  functionName: 'greet',
  codeFolder: folder.write({ 'index.mjs': "export const handler = async ({ name }) => 'Hello, ' + name;" }),
  handler: 'index.handler',
  runtime: 'nodejs24.x',
  timeoutSeconds: 10,
  memoryMb: 128,
  environment: {},
  roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/greet`,
});
const cli = createCli(path, engines.url, REGION);
const queueUrl = `${engines.url}/${ACCOUNT_ID}/plain`;
const tries = {
  ...dynamoDbTries,
  ...sqsTries({ endpointUrl: engines.url, region: REGION, accountId: ACCOUNT_ID }),
  ...eventBridgeTries(`arn:aws:sqs:${REGION}:${ACCOUNT_ID}:plain`, queueUrl),
  ...lambdaTries('greet', folder.write({})),
};

let failures = 0;
for (const [name, attempt] of Object.entries(tries)) {
  try {
    await attempt(cli);
    console.log(`ok   ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL ${name}\n`, error);
  }
}
folder.remove();
console.log(`${Object.keys(tries).length - failures} of ${Object.keys(tries).length} passed`);
process.exitCode = failures === 0 ? 0 : 1;
