/** How requests and templates name a function. */
export interface FunctionReference {
  readonly functionName: string;
  /** A version or an alias; undefined names the unpublished code, as `$LATEST` does. */
  readonly qualifier: string | undefined;
}

const LATEST = '$LATEST';

/** Reads a name, `name:qualifier`, `account:function:name` or a whole ARN; undefined for a text that is none. */
export function parseFunctionReference(reference: string): FunctionReference | undefined {
  const [, functionName, qualifier] =
    /^(?:(?:arn:[^:]+:lambda:[^:]+:)?\d{12}:function:)?([A-Za-z0-9_-]+)(?::([^:]+))?$/.exec(reference) ?? [];
  if (functionName === undefined) return undefined;
  return { functionName, qualifier: qualifier === LATEST ? undefined : qualifier };
}
