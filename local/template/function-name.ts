/** A function is named by its name or its ARN, either with a qualifier or without. */
export function functionNameOf(nameOrArn: string): string {
  const [, fromArn] = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(nameOrArn) ?? [];
  return fromArn ?? nameOrArn.split(':')[0] ?? nameOrArn;
}
