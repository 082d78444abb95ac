import { createPace, type RingResult, ring as ringGroup, ringHeld } from '../lib/operations/index.ts';
import { columns } from '../local/view/columns.ts';
import type { RingOptions } from './command-line.ts';
import { type ExitStatus, type Operation, strictConsumer } from './operation.ts';
import { jsonText, ringFacts, ringText } from './wording.ts';

interface Rung {
  readonly group: string;
  readonly result: RingResult;
}

export async function ring(options: RingOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json } = operation;
  const rung: Rung[] = [];
  for await (const one of ringAll(options, operation)) {
    rung.push(one);
    console.progress(`${rung.length} groups`);
  }
  if (json) {
    const rings = rung.map(({ group, result }) => ({ group, ...ringFacts(result) }));
    console.line(jsonText({ consumer: options.consumer, rings }));
  } else {
    for (const row of columns(rung.map(({ group, result }) => [group, ringText(result)]))) console.line(row);
    if (rung.length === 0) console.line(`no group of '${options.consumer}' is held`);
  }
  return rung.some(({ result }) => result.kind === 'gone') ? 1 : 0;
}

async function* ringAll(
  { consumer: name, group, ringsPerSecond }: RingOptions,
  operation: Operation,
): AsyncGenerator<Rung> {
  const { bell, takes, strict } = strictConsumer(operation, name);
  const { log, clock, sleep } = operation;
  const deps = { cursors: strict.cursors, log, bell, takes };
  if (group !== undefined) {
    yield { group, result: await ringGroup(deps, group) };
    return;
  }
  const pace = createPace({ unitsPerSecond: ringsPerSecond, clock, sleep });
  yield* ringHeld({ ...deps, waiting: strict.waiting, pace });
}
