import { openAllEngines, REGION } from '../fixtures/all-engines.ts';

/** Serves empty engines until it is interrupted: `node test/contracts/serve-engines.ts [port]`. */
const engines = await openAllEngines(Number(process.argv[2] ?? 0));
console.log(
  `export AWS_ENDPOINT_URL=${engines.url} AWS_REGION=${REGION} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void engines[Symbol.asyncDispose]());
