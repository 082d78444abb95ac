import { type CfnElement, Reference, Stack, Tokenization } from 'aws-cdk-lib';
import { CfnRule, type IEventBus } from 'aws-cdk-lib/aws-events';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { PARTITION_KEY_PATH } from '../../lib/definitions/index.ts';
import { isSamePlace } from './place-checks.ts';
import { asRecord, type RenderedProperties, renderedProperties, resourceOf } from './rendered.ts';

/** Problems of the targets of a bus's rules, as in the templates, including rules that were not created by Waybill. */
export function ruleProblems(bus: IEventBus): readonly string[] {
  const all = bus.node.root.node.findAll();
  const queues = all.filter((each) => each instanceof CfnQueue);
  return all.filter(isRuleOf(bus)).flatMap((rule) =>
    targetsOf(renderedProperties(rule)).flatMap((target) => {
      const find = (arn: unknown) => findFifoQueue(rule, arn, queues);
      return [groupProblem(rule, target, find), deadLetterProblem(rule, target, find)].filter(
        (problem) => problem !== undefined,
      );
    }),
  );
}

type Find = (arn: unknown) => string | undefined;

function groupProblem(rule: IConstruct, target: RenderedProperties, find: Find): string | undefined {
  const queue = find(target['Arn']);
  if (queue === undefined) return undefined;
  const group = asRecord(target['SqsParameters'])['MessageGroupId'];
  if (typeof group === 'object' || (typeof group === 'string' && group.startsWith('$.'))) return undefined;
  const got =
    group === undefined
      ? 'got none, which FIFO queues do not accept'
      : `got the constant '${group}', which puts all events into one group, so that they are handled one after another`;
  return `rule '${pathOf(rule)}' must take the MessageGroupId for FIFO queue '${queue}' from the event, such as '${PARTITION_KEY_PATH}', ${got}: set messageGroupId to EventField.fromPath(PARTITION_KEY_PATH)`;
}

function deadLetterProblem(rule: IConstruct, target: RenderedProperties, find: Find): string | undefined {
  const queue = find(asRecord(target['DeadLetterConfig'])['Arn']);
  if (queue === undefined) return undefined;
  return `rule '${pathOf(rule)}' must send undeliverable events to a standard queue, got FIFO queue '${queue}', which EventBridge does not support: set deadLetterQueue to a queue without fifo`;
}

/** An app may have hubs in several accounts and regions: CDK refuses to resolve the bus of one in a stack of another. */
const isRuleOf =
  (bus: IEventBus) =>
  (construct: IConstruct): construct is CfnRule => {
    if (!(construct instanceof CfnRule) || construct.eventBusName === undefined) return false;
    const named = constructNamedBy(construct.eventBusName);
    const own = resourceOf(bus);
    if (named !== undefined && own !== undefined) return named === own;
    if (!isSamePlace(construct, bus)) return false;
    const stack = Stack.of(construct);
    return [bus.eventBusName, bus.eventBusArn].some((name) => isEqual(stack, construct.eventBusName, name));
  };

/** Undefined for a text, and for a value that is made from something else than one attribute of a construct. */
function constructNamedBy(value: string): IConstruct | undefined {
  const token = Tokenization.reverse(value, { failConcat: false });
  return Reference.isReference(token) ? token.target : undefined;
}

/**
 * @returns the path of the queue, or its ARN if it belongs to another app; undefined if the target is not a queue or is
 * only known at deployment
 */
function findFifoQueue(rule: CfnElement, arn: unknown, queues: readonly CfnQueue[]): string | undefined {
  if (typeof arn === 'string') return arn.endsWith('.fifo') ? arn : undefined;
  const stack = Stack.of(rule);
  const isLocal = Object.keys(asRecord(arn))[0] === 'Fn::GetAtt';
  const queue = queues.find(
    // logical ids are only unique within a stack
    (each) => isEqual(stack, arn, each.attrArn) && (!isLocal || Stack.of(each) === stack),
  );
  if (queue === undefined || String(renderedProperties(queue)['FifoQueue']) !== 'true') return undefined;
  return pathOf(queue);
}

const isEqual = (stack: Stack, a: unknown, b: unknown): boolean =>
  a !== undefined && JSON.stringify(stack.resolve(a)) === JSON.stringify(stack.resolve(b));

const targetsOf = ({ Targets }: RenderedProperties): readonly RenderedProperties[] =>
  Array.isArray(Targets) ? Targets.map(asRecord) : [];

/** The path of the resource's construct. */
const pathOf = ({ node }: IConstruct): string => node.scope?.node.path ?? node.path;
