import { setTimeout } from 'node:timers/promises';
import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import type { SQSEvent } from 'aws-lambda';
import type { Ordering } from '../../lib/definitions/index.ts';
import { lambdaContext } from '../../test/fixtures/lambda-context.ts';
import type { BenchContext } from '../area.ts';
import { medianOf, millisecondsOf } from '../measure.ts';
import { figure, type Report } from '../report.ts';
import { createBenchConsumer, messageOf } from './bench-consumer.ts';

const GROUPS = 10;
const HANDLER_MS = 50;
const REACH_RATIO = 1.3;
const REPETITION = { warmUps: 2, repetitions: 7 } as const;

/** A batch of ten messages of ten groups, with a handler that waits for 50 ms. */
export async function measureBatch({ progress }: BenchContext): Promise<Report> {
  progress(`${GROUPS} groups, a handler of ${HANDLER_MS} ms`);
  const work = () => setTimeout(HANDLER_MS);
  const oneHandlerMs = await medianOf(() => millisecondsOf(work), REPETITION);
  const processor = new SqsFifoPartialProcessorAsync();
  const powertoolsMs = await medianOf(
    (run) =>
      millisecondsOf(() =>
        processPartialResponse(batch(run), work, processor, {
          context: lambdaContext(),
          throwOnFullBatchFailure: false,
        }),
      ),
    REPETITION,
  );

  const figures = [];
  for (const ordering of ['strict', 'fifo'] as const satisfies readonly Ordering[]) {
    const consumer = createBenchConsumer(ordering, work);
    const consumerMs = await medianOf((run) => millisecondsOf(() => consumer.handle(batch(run))), REPETITION);
    figures.push(
      figure({
        name: `a batch of ten groups, ${ordering}`,
        value: consumerMs,
        unit: 'ms',
        beside: { what: 'one handler, ms', value: oneHandlerMs },
        reach: { most: REACH_RATIO },
      }),
      figure({
        name: `a batch of ten groups, ${ordering}`,
        value: consumerMs,
        unit: 'ms',
        beside: { what: "Powertools' SqsFifoPartialProcessorAsync, ms", value: powertoolsMs },
      }),
    );
  }
  return { figures };
}

/** New events for each run: a handled one would be skipped. */
const batch = (run: number): SQSEvent => ({
  Records: Array.from({ length: GROUPS }, (_, index) => messageOf(run * GROUPS + index, 1)),
});
