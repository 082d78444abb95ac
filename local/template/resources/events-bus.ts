import { USER } from '../../endpoint/service.ts';
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

  async create({ properties }, { engines }) {
    const busName = requiredText(properties, 'Name');
    const output = await engines.eventBridge.handle('CreateEventBus', { Name: busName }, USER);
    const arn = stringAt(output, 'EventBusArn') ?? '';
    return { physicalId: busName, arn, attributes: { Arn: arn, Name: busName }, detail: { kind: 'bus', busName } };
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

  async create(resource, { accountId, engines, region }) {
    const { properties } = resource;
    const archiveName = resourceName(resource, 'ArchiveName', { maxLength: 48 });
    const pattern = properties['EventPattern'];
    const retentionDays = properties['RetentionDays'];
    await engines.eventBridge.handle(
      'CreateArchive',
      {
        ArchiveName: archiveName,
        EventSourceArn: requiredText(properties, 'SourceArn'),
        ...(pattern === undefined
          ? {}
          : { EventPattern: typeof pattern === 'string' ? pattern : JSON.stringify(pattern) }),
        ...(retentionDays === undefined ? {} : { RetentionDays: Number(retentionDays) }),
      },
      USER,
    );
    const arn = `arn:aws:events:${region}:${accountId}:archive/${archiveName}`;
    return { physicalId: archiveName, arn, attributes: { ArchiveName: archiveName, Arn: arn } };
  },
};
