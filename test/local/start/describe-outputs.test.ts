import { expect, it } from 'vitest';
import { describeOutputs } from '../../../local/start/start-app.ts';

it('the outputs of each stack are named as a deployment names them, and stacks without any are left out', () => {
  const outputs = new Map([
    ['Hub', new Map<string, string>()],
    [
      'Shop',
      new Map([
        ['ApiUrl', 'http://127.0.0.1:4566/_apis/a1'],
        ['OrdersTableName', 'Shop-Orders-1'],
        ['ExportsOutputRefHubBus1', 'HubBus'],
        ['PublishOutputFnGetAttHubOutboxArn2', 'arn:aws:dynamodb:…'],
      ]),
    ],
  ]);

  expect(describeOutputs({ outputs })).toStrictEqual([
    '',
    'Outputs of Shop:',
    '  ApiUrl = http://127.0.0.1:4566/_apis/a1',
    '  OrdersTableName = Shop-Orders-1',
  ]);
});
