import type { JsonObject } from '../endpoint/service.ts';
import { optionalObjects, optionalStrings, requireString } from './members.ts';
import type { Operations } from './operations.ts';

/** Tags of buses and rules, by ARN. They change nothing in the run. */
export interface Tags {
  readonly operations: Operations;
  /** Adds the `Tags` of a request. */
  put(arn: string, input: JsonObject): void;
  drop(arn: string): void;
}

export function createTags(): Tags {
  const tagsOf = new Map<string, Map<string, string>>();

  const put = (arn: string, input: JsonObject) => {
    const tags = tagsOf.get(arn) ?? new Map<string, string>();
    for (const tag of optionalObjects(input, 'Tags') ?? [])
      tags.set(requireString(tag, 'Key'), requireString(tag, 'Value'));
    tagsOf.set(arn, tags);
  };

  return {
    put,
    drop: (arn) => void tagsOf.delete(arn),
    operations: {
      TagResource(input) {
        put(requireString(input, 'ResourceARN'), input);
        return {};
      },
      UntagResource(input) {
        const tags = tagsOf.get(requireString(input, 'ResourceARN'));
        for (const key of optionalStrings(input, 'TagKeys') ?? []) tags?.delete(key);
        return {};
      },
      ListTagsForResource: (input) => ({
        Tags: [...(tagsOf.get(requireString(input, 'ResourceARN')) ?? [])].map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}
