import { objectAt, toList } from '../../../local/template/json.ts';
import type { Resource, Template } from './hub-versions.ts';

/** A known fault of a template: what keeps a promise is left out. */
export interface PlantedInTemplate {
  /** What the template lacks. */
  readonly lacks: string;
  /** What an update then shows. */
  readonly shows: RegExp;
  readonly plant: (template: Template) => Template;
}

const withResources = (
  template: Template,
  change: (resource: Resource, logicalId: string) => Resource | undefined,
): Template => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
      const changed = change(resource, logicalId);
      return changed === undefined ? [] : [[logicalId, changed]];
    }),
  ),
});

/** Every consumer's rule waits for less. */
const withoutDependencies = (which: RegExp) => (template: Template) =>
  withResources(template, (resource) =>
    resource.Type === 'AWS::Events::Rule'
      ? { ...resource, DependsOn: (resource.DependsOn ?? []).filter((id) => !which.test(id)) }
      : resource,
  );

/** Policies of these resources allow less. */
const withoutStatements = (ids: RegExp, action: string) => (template: Template) =>
  withResources(template, (resource, logicalId) => {
    if (!ids.test(logicalId)) return resource;
    const document = objectAt(resource.Properties, 'PolicyDocument');
    const isKept = (statement: unknown) => {
      const { Effect, Action } = objectAt({ statement }, 'statement');
      return Effect !== 'Allow' || !toList(Action).includes(action);
    };
    const Statement = toList(document['Statement']).filter(isKept);
    return { ...resource, Properties: { ...resource.Properties, PolicyDocument: { ...document, Statement } } };
  });

/** Known faults of what Waybill's constructs put into a template. */
export const PLANTED_IN_TEMPLATES: Readonly<Record<string, PlantedInTemplate>> = {
  'a rule is updated before the code that knows its types': {
    lacks: "`DependsOn` of a consumer's rule on its function and mapping",
    shows: /^billing 1 gets .*, which it does not know$/,
    plant: withoutDependencies(/^(Billing|Stats)Function/),
  },
  'a rule is created before its queue lets the bus in': {
    lacks: "`DependsOn` of a consumer's rule on the policy of its queue",
    shows: /is not in StatsQueue/,
    plant: withoutDependencies(/^(Billing|Stats)Queue/),
  },
  'a rule is created before its undeliverable queue lets the bus in': {
    lacks: "`DependsOn` of a consumer's rule on the policy of its undeliverable queue",
    shows: /was undeliverable, and is nowhere$/,
    plant: withoutDependencies(/^(Billing|Stats)UndeliverableQueue/),
  },
  "the bus may not send to a consumer's queue": {
    lacks: '`sqs:SendMessage` in the policy of the queue',
    shows: /is not in (Billing|Stats)Queue/,
    plant: withoutStatements(/^(Billing|Stats)QueuePolicy/, 'sqs:SendMessage'),
  },
  'the bus may not send to an undeliverable queue': {
    lacks: '`sqs:SendMessage` in the policy of the undeliverable queue',
    shows: /was undeliverable, and is nowhere$/,
    plant: withoutStatements(/^(Billing|Stats)UndeliverableQueuePolicy/, 'sqs:SendMessage'),
  },
  'the relay may not publish': {
    lacks: "`events:PutEvents` in the policy of the relay's role",
    shows: /is not published: the relay is refused$/,
    plant: withoutStatements(/^HubRelayFunctionRoleDefaultPolicy/, 'events:PutEvents'),
  },
  'anybody may publish': {
    lacks: 'the policy of the bus',
    shows: /^an event is on the bus that no relay has published$/,
    plant: (template) =>
      withResources(template, (resource) => (resource.Type === 'AWS::Events::EventBusPolicy' ? undefined : resource)),
  },
};
