import type { ResourceType } from '../resource-type.ts';

/** CDK's usage report: of no concern to a run. */
export const cdkMetadata: ResourceType = {
  type: 'AWS::CDK::Metadata',
  properties: { Analytics: 'without-effect' },
  attributes: [],
  updates: { replacedBy: [] },
  create: async (resource) => ({ physicalId: resource.physicalUuid() }),
};
