export interface AwsErrorOptions extends ErrorOptions {
  /** HTTP status. @default 400 */
  readonly statusCode?: number;
  /** Further members of the error's shape, e.g. `CancellationReasons`. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** SQS only: the code of the older query protocol, sent as `x-amzn-query-error`. */
  readonly queryCode?: string;
}

/** An error as an AWS service answers it; SDKs build their typed exception from `code`. */
export class AwsError extends Error {
  readonly code: string;
  readonly statusCode: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly queryCode: string | undefined;

  /** @param code the shape's name, without a namespace: `QueueDoesNotExist`. */
  constructor(code: string, message: string, options: AwsErrorOptions = {}) {
    super(message, options);
    this.name = code;
    this.code = code;
    this.statusCode = options.statusCode ?? 400;
    this.fields = options.fields ?? {};
    this.queryCode = options.queryCode;
  }
}
