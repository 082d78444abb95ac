import { createConsumer, handlersFor } from '../../../lib/consumer/index.ts';
import { createConsumerRuntime } from '../../../lib/runtime/consumer-runtime.ts';
import { requireEnv } from '../../../lib/shared/require-env.ts';
import { benchSubscription } from '../events.ts';

const env = requireEnv(process.env, 'BENCH_CONSUMER', 'BENCH_ORDERING', 'BENCH_TABLE_NAME');
const subscription = benchSubscription(env.BENCH_CONSUMER, env.BENCH_ORDERING === 'fifo' ? 'fifo' : 'strict');

/** One write per event. */
export const handler = createConsumer(
  handlersFor(subscription, {
    'com.example.bench.happened': ({ id, partitionkey, sequence, time }, { tx }) => {
      const Item = { id: `${subscription.name}#${id}`, group: partitionkey, sequence: Number(sequence), time };
      tx.put({ TableName: env.BENCH_TABLE_NAME, Item });
    },
  }),
  createConsumerRuntime(subscription, process.env),
);
