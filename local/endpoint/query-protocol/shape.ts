/** What a member of a request or an answer looks like in the query protocol. Lists and maps are flattened. */
export type Shape = 'string' | 'integer' | 'boolean' | ListShape | MapShape | StructureShape;

interface ListShape {
  readonly kind: 'list';
  readonly of: Shape;
}

interface MapShape {
  readonly kind: 'map';
  /** What entries call their key and their value on the wire. */
  readonly keyName: string;
  readonly valueName: string;
  readonly of: Shape;
}

export interface StructureShape {
  readonly kind: 'structure';
  readonly members: readonly Member[];
}

export interface Member {
  /** In the JSON protocol: `MessageAttributes`. */
  readonly name: string;
  /** In the query protocol: `MessageAttribute`. */
  readonly wireName: string;
  readonly shape: Shape;
}

/** @param wireName where the query protocol calls the member by another name. */
export const member = (name: string, shape: Shape, wireName = name): Member => ({ name, wireName, shape });

export const structure = (...members: readonly Member[]): StructureShape => ({ kind: 'structure', members });

export const listOf = (of: Shape): ListShape => ({ kind: 'list', of });

export const mapOf = (keyName: string, valueName: string, of: Shape): MapShape => ({
  kind: 'map',
  keyName,
  valueName,
  of,
});
