import { App } from 'aws-cdk-lib';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { isObject, objectAt } from '../../../local/template/json.ts';
import {
  createConsumer,
  createHub,
  createStack,
  ENTRY,
  OrderCancelled,
  OrderPlaced,
  PaymentCaptured,
} from '../../infra/test-stack.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: object;
  readonly DependsOn?: readonly string[];
}

/** A stack's template, with every `DependsOn` as a list. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly [section: string]: unknown;
}

/** A stack before and after an update. */
export interface Versions {
  readonly first: Template;
  readonly second: Template;
}

type Version = 1 | 2;

/** Which event types the code of a consumer knows, by its name and version. */
export const KNOWN_TYPES: Readonly<Record<string, Readonly<Partial<Record<Version, readonly string[]>>>>> = {
  billing: {
    1: ['com.example.order.placed'],
    2: ['com.example.order.placed', 'com.example.order.cancelled'],
  },
  stats: { 2: ['com.example.order.placed', 'com.example.payment.captured'] },
};

/** Which version of the code runs, in the environment of every function. */
export const VERSION = 'VERSION';

/**
 * A hub with its consumers as Waybill's constructs make them. The second version takes one type more, and has a
 * consumer more; all functions have new code.
 */
export const synthesizeVersions = (): Versions => ({ first: synthesize(1), second: synthesize(2) });

function synthesize(version: Version): Template {
  const stack = createStack();
  const hub = createHub(stack);
  const billing = defineSubscription({
    name: 'billing',
    events: version === 1 ? [OrderPlaced] : [OrderPlaced, OrderCancelled],
  });
  createConsumer(hub, { subscription: billing });
  if (version === 2) {
    const stats = defineSubscription({ name: 'stats', events: [OrderPlaced, PaymentCaptured] });
    hub.registerProducer(stack, stats.events);
    new EventConsumer(stack, 'Stats', { hub, subscription: stats, entry: ENTRY });
  }
  const app = stack.node.root;
  if (!(app instanceof App)) throw new TypeError('a stack of a test stands in an app');
  const { Resources, ...rest }: { readonly Resources: Template['Resources'] } = app
    .synth()
    .getStackByName('Test').template;
  return {
    ...rest,
    Resources: Object.fromEntries(Object.entries(Resources).map(([id, resource]) => [id, withCode(resource, version)])),
  };
}

/** Other code for each version, as if it was bundled. */
function withCode(resource: Resource, version: Version): Resource {
  if (resource.Type !== 'AWS::Lambda::Function') return resource;
  const properties = resource.Properties;
  const variables = objectAt(objectAt(properties, 'Environment'), 'Variables');
  return {
    ...resource,
    Properties: {
      ...properties,
      Code: { S3Bucket: 'assets', S3Key: `${version}.zip` },
      Environment: { Variables: { ...(isObject(variables) ? variables : {}), [VERSION]: String(version) } },
    },
  };
}
