import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A value of a template as the deployment would fill it in: resources are called by their logical ids. */
export function textOf(scope: IConstruct, value: unknown): string {
  const parts = resolve(Stack.of(scope).resolve(value));
  if (typeof parts !== 'string') throw new Error(`cannot be told before the deployment: ${JSON.stringify(value)}`);
  return parts;
}

function resolve(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(resolve);
  const [[call, argument] = ['', undefined]] = Object.entries(value);
  switch (call) {
    case 'Ref':
      return argument;
    case 'Fn::GetAtt':
      return attributeOf(argument);
    case 'Fn::Split': {
      const [separator, text] = argument as readonly [string, unknown];
      return String(resolve(text)).split(separator);
    }
    case 'Fn::Select': {
      const [index, list] = argument as readonly [number, unknown];
      return (resolve(list) as readonly unknown[])[index];
    }
    default:
      return undefined;
  }
}

function attributeOf(argument: unknown): string {
  const [resource, attribute] = argument as readonly [string, string];
  if (attribute === 'QueueName') return resource;
  // of a rule on a bus of its own
  if (attribute === 'Arn') return `arn:aws:events:eu-west-1:111122223333:rule/bus/${resource}`;
  throw new Error(`no name is known for ${resource}.${attribute}`);
}
