import { describe, expect, it } from 'vitest';
import { deployed } from './deployed.ts';

const FIFO = { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } };

/** `Hub-<id>-<12 characters>.fifo` */
const LONGEST_ID = 'L'.repeat(80 - 'Hub--'.length - 12 - '.fifo'.length);

describe('the name of a resource', () => {
  it('that CloudFormation makes up for a FIFO queue ends with .fifo and may have 80 characters', async () => {
    const { deployment } = await deployed({ [LONGEST_ID]: FIFO });

    const name = deployment.queues[0]?.queueName;
    expect(name).toMatch(/^Hub-L{58}-[A-Za-z0-9]{12}\.fifo$/);
    expect(name).toHaveLength(80);
  });

  it('is not shortened for .fifo, as CloudFormation does not', async () => {
    await expect(deployed({ [`${LONGEST_ID}M`]: FIFO })).rejects.toThrow(
      /^Hub\/L+M \(AWS::SQS::Queue\): TypeError: CloudFormation would name it 'Hub-L+M-\w{12}\.fifo', which has 81 characters of at most 80: give it a shorter 'QueueName', or shorten the stack's name or the construct's path$/,
    );
  });

  it.each([
    ['AWS::CloudWatch::Alarm', 'AlarmName', 255],
    ['AWS::IAM::Role', 'RoleName', 64],
    ['AWS::Logs::LogGroup', 'LogGroupName', 512],
    ['AWS::Events::Rule', 'Name', 64],
    ['AWS::Scheduler::ScheduleGroup', 'Name', 64],
    ['AWS::SNS::Topic', 'TopicName', 256],
  ])('of an %s is refused if its %s has more than %i characters', async (Type, property, maxLength) => {
    const named = (length: number) => deployed({ It: { Type, Properties: { [property]: 'n'.repeat(length) } } });

    await expect(named(maxLength)).resolves.toBeDefined();
    await expect(named(maxLength + 1)).rejects.toThrow(`which has ${maxLength + 1} characters of at most ${maxLength}`);
  });

  it('belongs to one resource', async () => {
    const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders' } };

    await expect(deployed({ First: queue, Second: queue })).rejects.toThrow(
      /^Hub\/Second \(AWS::SQS::Queue\): TypeError: '.*orders' already exists: Hub\/First has that name, too$/,
    );
  });
});
