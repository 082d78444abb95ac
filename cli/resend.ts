import { createRateLimiter, type ResendResult, resendHeld, resend as resendToGroup } from '../lib/operations/index.ts';
import { columns } from '../local/view/columns.ts';
import type { ResendOptions } from './command-line.ts';
import { type ExitStatus, type Operation, strictConsumer } from './operation.ts';
import { jsonText, resendFacts, resendText } from './wording.ts';

interface Resent {
  readonly group: string;
  readonly result: ResendResult;
}

export async function resend(options: ResendOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json } = operation;
  const resent: Resent[] = [];
  for await (const one of resendAll(options, operation)) {
    resent.push(one);
    console.progress(`${resent.length} groups`);
  }
  if (json) {
    const resends = resent.map(({ group, result }) => ({ group, ...resendFacts(result) }));
    console.line(jsonText({ consumer: options.consumer, resends }));
  } else {
    for (const row of columns(resent.map(({ group, result }) => [group, resendText(result)]))) console.line(row);
    if (resent.length === 0) console.line(`no group of '${options.consumer}' is held`);
  }
  return resent.some(({ result }) => result.kind === 'gone') ? 1 : 0;
}

async function* resendAll(
  { consumer: name, group, resendsPerSecond }: ResendOptions,
  operation: Operation,
): AsyncGenerator<Resent> {
  const { queue, takes, strict } = strictConsumer(operation, name);
  const { log, clock, sleep } = operation;
  const deps = { cursors: strict.cursors, log, queue, takes };
  if (group !== undefined) {
    yield { group, result: await resendToGroup(deps, group) };
    return;
  }
  const limiter = createRateLimiter({ unitsPerSecond: resendsPerSecond, clock, sleep });
  yield* resendHeld({ ...deps, waiting: strict.waiting, limiter });
}
