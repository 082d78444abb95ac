import { type JsonObject, USER } from '../../endpoint/service.ts';
import { stringAt } from '../json.ts';
import { requiredText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';

export const eventsBus: ResourceType = {
  type: 'AWS::Events::EventBus',
  properties: {
    Description: 'without-effect',
    KmsKeyIdentifier: 'without-effect',
    LogConfig: 'without-effect',
    Name: 'used',
    Tags: 'without-effect',
  },
  attributes: ['Arn', 'Name'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbus.html */
  updates: { replacedBy: ['Name'], nameProperty: 'Name' },

  async create({ properties }, { engines }) {
    const busName = requiredText(properties, 'Name');
    const output = await engines.eventBridge.handle('CreateEventBus', { Name: busName }, USER);
    const arn = stringAt(output, 'EventBusArn') ?? '';
    return { physicalId: busName, arn, attributes: { Arn: arn, Name: busName }, detail: { kind: 'bus', busName } };
  },

  // no property that has an effect here can change in place
  update: async ({ made }) => made,

  async delete({ made }, { engines }) {
    await engines.eventBridge.handle('DeleteEventBus', { Name: made.physicalId }, USER);
  },
};

export const eventsArchive: ResourceType = {
  type: 'AWS::Events::Archive',
  properties: {
    ArchiveName: 'used',
    Description: 'without-effect',
    EventPattern: 'used',
    KmsKeyIdentifier: 'without-effect',
    RetentionDays: 'used',
    SourceArn: 'used',
  },
  attributes: ['ArchiveName', 'Arn'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-archive.html */
  updates: {
    replacedBy: ['ArchiveName', 'SourceArn'],
    nameProperty: 'ArchiveName',
    // the API keeps a pattern that a call does not name
    refuse: (before, after) =>
      before['EventPattern'] !== undefined && after['EventPattern'] === undefined
        ? [
            'property \'EventPattern\' cannot be taken away; give a pattern that takes everything, such as {"version":["0"]}',
          ]
        : [],
  },

  async create(resource, { accountId, engines, region }) {
    const archiveName = resourceName(resource, 'ArchiveName', { maxLength: 48 });
    await engines.eventBridge.handle(
      'CreateArchive',
      {
        ArchiveName: archiveName,
        EventSourceArn: requiredText(resource.properties, 'SourceArn'),
        ...selectionOf(resource.properties),
      },
      USER,
    );
    const arn = `arn:aws:events:${region}:${accountId}:archive/${archiveName}`;
    return { physicalId: archiveName, arn, attributes: { ArchiveName: archiveName, Arn: arn } };
  },

  async update({ made }, { properties }, { engines }) {
    await engines.eventBridge.handle(
      'UpdateArchive',
      { ArchiveName: made.physicalId, RetentionDays: 0, ...selectionOf(properties) },
      USER,
    );
    return made;
  },

  async delete({ made }, { engines }) {
    await engines.eventBridge.handle('DeleteArchive', { ArchiveName: made.physicalId }, USER);
  },
};

function selectionOf(properties: JsonObject): JsonObject {
  const pattern = properties['EventPattern'];
  const retentionDays = properties['RetentionDays'];
  return {
    ...(pattern === undefined ? {} : { EventPattern: typeof pattern === 'string' ? pattern : JSON.stringify(pattern) }),
    ...(retentionDays === undefined ? {} : { RetentionDays: Number(retentionDays) }),
  };
}
