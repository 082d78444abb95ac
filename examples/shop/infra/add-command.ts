import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { WaybillFunction } from 'waybill/cdk';
import type { Command } from './commands.ts';
import { SHOP_FUNCTION, type ShopProps } from './shop-props.ts';
import { type ShopTables, useTables } from './tables.ts';

export function addCommand(
  scope: Construct,
  { hub }: ShopProps,
  tables: ShopTables,
  { id, name, description, uses, publishes }: Command,
): void {
  const command = new WaybillFunction(scope, id, {
    entry: `examples/shop/functions/${name}/index.ts`,
    serviceName: name,
    settings: hub.settings,
    ...SHOP_FUNCTION,
    description,
  });
  useTables(command, tables, uses);
  if (publishes.length > 0) hub.grantPublish(command, publishes);
  else hub.nameOutbox(command);
  new CfnOutput(scope, `${id}FunctionName`, { value: command.functionName });
}
