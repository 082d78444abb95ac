import { AwsError } from '../endpoint/aws-error.ts';
import type { FunctionConfiguration } from '../lambda/configuration.ts';
import { type EventSourceMappingConfiguration, parseEventSource } from '../lambda/mappings/configuration.ts';
import type { Engines } from '../template/engines.ts';
import type { Need } from './needs/need.ts';
import type { Permissions } from './permissions.ts';

type LambdaEngine = Engines['lambda'];

/** What Lambda asks of a role before it polls for it, and how it says that something is missing. */
interface Requirement {
  readonly needs: readonly Need[];
  readonly refusal: (need: Need) => string;
}

/** A key as stream mappings make them up. */
const SAMPLE_KEY = 'aws/lambda/00000000-0000-0000-0000-000000000000/shardId-00000000000000000000-00000000/object';

/** Creates functions and mappings as Lambda does: only for roles that it may assume, and that have what it needs. */
export function withFunctionGrants(lambda: LambdaEngine, permissions: Permissions): LambdaEngine {
  const askForRole = ({ roleArn }: FunctionConfiguration) => {
    if (permissions.mayBeAssumedByLambda(roleArn) !== false) return;
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.');
  };
  const askForSource = (mapping: EventSourceMappingConfiguration) => {
    const caller = permissions.functionCaller(mapping.functionName);
    for (const { needs, refusal } of caller === undefined ? [] : requirementsOf(mapping)) {
      for (const need of needs) {
        try {
          permissions.authorize(caller ?? { kind: 'user' }, [need]);
        } catch (cause) {
          throw invalidParameter(refusal(need), { cause });
        }
      }
    }
  };
  return {
    ...lambda,
    createFunction(configuration) {
      askForRole(configuration);
      return lambda.createFunction(configuration);
    },
    updateFunction(configuration) {
      askForRole(configuration);
      return lambda.updateFunction(configuration);
    },
    async createEventSourceMapping(mapping) {
      askForSource(mapping);
      return lambda.createEventSourceMapping(mapping);
    },
    async updateEventSourceMapping(uuid, mapping) {
      askForSource(mapping);
      return lambda.updateEventSourceMapping(uuid, mapping);
    },
  };
}

/**
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
 */
function requirementsOf({ eventSourceArn, onFailureDestinationArn }: EventSourceMappingConfiguration): Requirement[] {
  const source = parseEventSource(eventSourceArn);
  const requirements: Requirement[] = [];
  if (source?.kind === 'queue') {
    const actions = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
    requirements.push({
      needs: actions.map((action) => ({ action: `sqs:${action}`, resource: eventSourceArn })),
      refusal: ({ action }) => noPermission(action, 'SQS'),
    });
  }
  if (source?.kind === 'stream') {
    const actions = ['GetRecords', 'GetShardIterator', 'DescribeStream'];
    requirements.push({
      needs: [
        ...actions.map((action) => ({ action: `dynamodb:${action}`, resource: eventSourceArn })),
        { action: 'dynamodb:ListStreams', resource: '*' },
      ],
      refusal: () =>
        `Cannot access stream ${eventSourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.`,
    });
  }
  if (onFailureDestinationArn !== undefined) requirements.push(destinationRequirement(onFailureDestinationArn));
  return requirements;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
function destinationRequirement(arn: string): Requirement {
  const [, , service] = arn.split(':');
  if (service === 's3') {
    return {
      needs: [
        { action: 's3:PutObject', resource: `${arn}/${SAMPLE_KEY}` },
        { action: 's3:ListBucket', resource: arn },
      ],
      refusal: ({ action }) => noPermission(action, 'S3'),
    };
  }
  return {
    needs: [{ action: 'sqs:SendMessage', resource: arn }],
    refusal: ({ action }) => noPermission(action, 'SQS'),
  };
}

const noPermission = (action: string, service: string): string =>
  `The function execution role does not have permissions to call ${action.replace(/^.*:/, '')} on ${service}`;

const invalidParameter = (message: string, options?: ErrorOptions): AwsError =>
  new AwsError('InvalidParameterValueException', message, { ...options, fields: { Type: 'User' } });
