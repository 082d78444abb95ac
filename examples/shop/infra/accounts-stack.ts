import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addAccounts, type Identity } from './add-accounts.ts';
import type { ShopProps } from './shop-props.ts';

/** The shop's accounts and the issuer of its access tokens: deployed before what takes the tokens. */
export class AccountsStack extends Stack {
  /** For the APIs that take its tokens. */
  readonly identity: Identity;

  constructor(scope: Construct, id: string, props: ShopProps) {
    const { deletionProtection } = props.hub.settings;
    super(scope, id, {
      description: "Waybill: the reference shop's accounts",
      terminationProtection: deletionProtection,
    });
    this.identity = addAccounts(this, props);
  }
}
