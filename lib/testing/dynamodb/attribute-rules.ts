/** Longest name of an attribute. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_NAME_BYTES = 65_535;

type Named = Readonly<Record<string, unknown>>;

/** The members of a request that may hold attributes. */
interface AttributeRequest {
  readonly Item?: Named;
  readonly Key?: Named;
  readonly Keys?: readonly Named[];
  readonly AttributesToGet?: readonly string[];
  readonly AttributeUpdates?: Named;
  readonly Expected?: Named;
  readonly ExclusiveStartKey?: Named;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly RequestItems?: Readonly<Record<string, AttributeRequest | readonly WriteEntry[]>>;
}

interface WriteEntry {
  readonly PutRequest?: { readonly Item?: Named };
  readonly DeleteRequest?: { readonly Key?: Named };
}

/** DynamoDB's message about a request's first attribute name that is empty or too long. */
export function attributeNameProblem(request: AttributeRequest): string | undefined {
  const { ExpressionAttributeNames } = request;
  if (ExpressionAttributeNames !== undefined) {
    for (const [placeholder, name] of Object.entries(ExpressionAttributeNames)) {
      const problem = nameProblem(name);
      if (problem === undefined) continue;
      return `ExpressionAttributeNames contains invalid value: ${problem} for key ${placeholder}`;
    }
  }
  const problem = memberProblem(request);
  return problem === undefined ? undefined : `One or more parameter values were invalid: ${problem}`;
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'Empty attribute name';
  // a name with so few UTF-16 units cannot be too long in bytes
  if (name.length * 3 <= MAX_NAME_BYTES || Buffer.byteLength(name) <= MAX_NAME_BYTES) return undefined;
  return 'Attribute name is too large, must be less than 65536 bytes';
}

function memberProblem(request: AttributeRequest): string | undefined {
  return (
    namedProblem(request.Item) ??
    namedProblem(request.Key) ??
    namedProblem(request.AttributeUpdates) ??
    namedProblem(request.Expected) ??
    namedProblem(request.ExclusiveStartKey) ??
    firstProblem(request.Keys, namedProblem) ??
    firstProblem(request.AttributesToGet, nameProblem) ??
    firstProblem(request.RequestItems && Object.values(request.RequestItems), (entries) =>
      isWriteList(entries) ? firstProblem(entries, entryProblem) : memberProblem(entries),
    )
  );
}

const entryProblem = ({ PutRequest, DeleteRequest }: WriteEntry) =>
  namedProblem(PutRequest?.Item) ?? namedProblem(DeleteRequest?.Key);

function namedProblem(named: Named | undefined): string | undefined {
  for (const name in named) {
    const problem = nameProblem(name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function firstProblem<T>(
  members: readonly T[] | undefined,
  problemOf: (member: T) => string | undefined,
): string | undefined {
  if (members === undefined) return undefined;
  for (const member of members) {
    const problem = problemOf(member);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const isWriteList = (entries: AttributeRequest | readonly WriteEntry[]): entries is readonly WriteEntry[] =>
  Array.isArray(entries);
