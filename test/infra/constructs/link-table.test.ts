import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { LinkTable, type LinkUse } from '../../../infra/constructs/link-table.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { createStack, ENTRY, settingsWith } from '../test-stack.ts';

function synthesize(uses?: readonly LinkUse[]): Template {
  const stack = createStack();
  const settings = settingsWith();
  const links = new LinkTable(stack, 'Links', { settings });
  const user = new WaybillFunction(stack, 'User', { entry: ENTRY, serviceName: 'user', settings });
  if (uses !== undefined) links.grantUse(user, uses);
  return Template.fromStack(stack);
}

/** What the function may do to DynamoDB: action and end of the resource. */
function grantsIn(template: Template): readonly string[] {
  const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[],
  );
  return statements
    .flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action) =>
          [Resource]
            .flat()
            .map((resource) => `${action} ${/index\/\w+/.exec(JSON.stringify(resource))?.[0] ?? 'table'}`),
        ),
    )
    .filter((grant) => grant.startsWith('dynamodb:'));
}

describe('LinkTable', () => {
  it('has indexes to find links by source, by target and by type', () => {
    synthesize().hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'source', KeyType: 'HASH' },
        { AttributeName: 'toTarget', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byTarget',
          KeySchema: [
            { AttributeName: 'target', KeyType: 'HASH' },
            { AttributeName: 'fromSource', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
        {
          IndexName: 'byType',
          KeySchema: [
            { AttributeName: 'typeShard', KeyType: 'HASH' },
            { AttributeName: 'ends', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });

  it.each<[readonly LinkUse[], readonly string[]]>([
    [['findBySource'], ['dynamodb:Query table']],
    [['findByTarget'], ['dynamodb:Query index/byTarget']],
    [['findByEntity'], ['dynamodb:Query table', 'dynamodb:Query index/byTarget']],
    [['findByType'], ['dynamodb:Query index/byType']],
    [['findBetween', 'get'], ['dynamodb:GetItem table']],
    [['create'], ['dynamodb:GetItem table', 'dynamodb:PutItem table']],
    [['setMetadata'], ['dynamodb:GetItem table', 'dynamodb:UpdateItem table']],
    [
      ['delete', 'release'],
      ['dynamodb:GetItem table', 'dynamodb:DeleteItem table'],
    ],
    [
      ['deleteAllFrom', 'findBySource'],
      ['dynamodb:Query table', 'dynamodb:DeleteItem table'],
    ],
  ])('grants only the actions of %j', (uses, grants) => {
    expect(grantsIn(synthesize(uses)).toSorted()).toStrictEqual(grants.toSorted());
  });

  it('sets the table name as a variable of the function', () => {
    synthesize(['get']).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { WAYBILL_LINKS_TABLE_NAME: { Ref: Match.stringLikeRegexp('^LinksTable') } } },
    });
  });

  it('rejects an empty list of grants', () => {
    expect(() => synthesize([])).toThrow(
      expect.objectContaining({
        code: 'WIRING_INVALID',
        message: expect.stringContaining(
          "grantUse must be given what 'Test/User' calls, got nothing: choose from get, ",
        ),
      }),
    );
  });
});
