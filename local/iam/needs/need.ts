/** What a request asks to be allowed: one action on one resource, by whoever sends it. */
export interface Need {
  /** `dynamodb:PutItem` */
  readonly action: string;
  /** An ARN, or `*` for actions that know no resources. */
  readonly resource: string;
  /** Condition keys of the service, in lower case; read only when a policy asks for them. */
  readonly keys?: Readonly<Record<string, () => readonly string[] | undefined>>;
}

/** Where the run pretends to be. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}
