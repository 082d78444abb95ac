import { IdempotencyKeyReusedError } from '../resilience/errors.ts';
import { compareVersions } from '../sync/compare-versions.ts';
import type { CreateAnswer, ProviderWriter, Version, WriteAnswer, WriteRequest, WrittenTo } from '../sync/index.ts';
import type { MemorySource } from './memory-source.ts';

export interface MemoryWriterOptions<Entity, Row> {
  /** The provider that is written to. */
  readonly source: MemorySource<Row>;
  /** The field with the record's id. */
  readonly id: Extract<keyof Row, string>;
  /** The row after a write, with a new version. `before` is undefined for a new one. */
  readonly rowOf: (entity: Entity, before: Row | undefined) => Row;
  /**
   * The field with the record's version. The writer then compares it before it writes, and returns it.
   * @default - the last write counts, and no version is returned
   */
  readonly version?: Extract<keyof Row, string>;
  /** @default 'memory' */
  readonly label?: string;
}

/** A request of ours as the provider has received it. */
export type WriterCall = {
  readonly kind: 'create' | 'update' | 'remove';
  readonly externalId: string | undefined;
  readonly changed: readonly string[];
  readonly idempotencyKey: string;
};

/** A writer to a provider in memory, for tests of a sync. */
export interface MemoryWriter<Entity> extends Required<ProviderWriter<Entity>> {
  /** All requests, repeated ones included. */
  readonly calls: readonly WriterCall[];
  /** Those that took effect. */
  readonly effects: readonly WriterCall[];
  /** The next request throws this error without effect. Several are thrown one after the other. */
  failNext(error: Error): void;
  /** The next request takes effect, and this error is thrown in place of its answer. */
  loseNext(error: Error): void;
}

/**
 * Writes to a provider in memory. A request with a known idempotency key gets the first answer, and has no effect.
 *
 * @example
 * const supplier = createMemorySource<Row>({ id: 'SKU', field: 'MODIFIED' });
 * const writer = createMemoryWriter<Product, Row>({
 *   source: supplier,
 *   id: 'SKU',
 *   rowOf: ({ sku, price }) => ({ SKU: sku, NET: price / 100, MODIFIED: clock.now().toString() }),
 * });
 */
export function createMemoryWriter<Entity, Row extends object>(
  options: MemoryWriterOptions<Entity, Row>,
): MemoryWriter<Entity> {
  const { source, id, rowOf, version, label = 'memory' } = options;
  const answers = new Map<string, { readonly body: string; readonly answer: WriteAnswer | CreateAnswer }>();
  const calls: WriterCall[] = [];
  const effects: WriterCall[] = [];
  const failures: Error[] = [];
  const losses: Error[] = [];

  const rowAt = (externalId: string): Row | undefined => source.rows().find((row) => String(row[id]) === externalId);
  const versionOf = (row: Row | undefined): Version | undefined =>
    row === undefined || version === undefined ? undefined : (row[version] as Version);
  const isNewer = (row: Row | undefined, known: Version | undefined): boolean => {
    const current = versionOf(row);
    return current !== undefined && known !== undefined && compareVersions(current, known) === 'newer';
  };
  const written = (row: Row | undefined): WriteAnswer => {
    const now = versionOf(row);
    return { kind: 'written', ...(now !== undefined && { version: now }) };
  };

  /** @param work writes, and returns the answer; a conflict has no effect */
  async function once<Answer extends WriteAnswer | CreateAnswer>(
    call: WriterCall,
    body: unknown,
    work: () => Answer,
  ): Promise<Answer> {
    calls.push(call);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    const known = answers.get(call.idempotencyKey);
    if (known !== undefined && known.body !== JSON.stringify(body)) {
      throw new IdempotencyKeyReusedError(label, call.idempotencyKey);
    }
    const answer = (known?.answer as Answer | undefined) ?? work();
    if (known === undefined && answer.kind === 'written') {
      answers.set(call.idempotencyKey, { body: JSON.stringify(body), answer });
      effects.push(call);
    }
    const loss = losses.shift();
    if (loss !== undefined) throw loss;
    return answer;
  }

  const callOf = (
    kind: WriterCall['kind'],
    { idempotencyKey, changed = [] }: Partial<WriteRequest<Entity>> & Pick<WriteRequest<Entity>, 'idempotencyKey'>,
    externalId?: string,
  ): WriterCall => ({ kind, externalId, changed, idempotencyKey });

  return {
    label,
    calls,
    effects,
    failNext: (error) => void failures.push(error),
    loseNext: (error) => void losses.push(error),

    update(request: WriteRequest<Entity> & WrittenTo) {
      const { externalId, entity, changed, version: known } = request;
      return once<WriteAnswer>(callOf('update', request, externalId), { externalId, entity, changed }, () => {
        const before = rowAt(externalId);
        if (before === undefined || isNewer(before, known)) return { kind: 'conflict' };
        const row = rowOf(entity, before);
        source.put(row);
        return written(row);
      });
    },

    create(request) {
      return once<CreateAnswer>(callOf('create', request), request.entity, () => {
        const row = rowOf(request.entity, undefined);
        const externalId = String(row[id]);
        if (rowAt(externalId) !== undefined) return { kind: 'conflict', externalId };
        source.put(row);
        return { ...written(row), kind: 'written', externalId };
      });
    },

    remove(request) {
      const { externalId, version: known } = request;
      return once<WriteAnswer>(callOf('remove', request, externalId), { externalId }, () => {
        if (isNewer(rowAt(externalId), known)) return { kind: 'conflict' };
        source.delete(externalId);
        return written(undefined);
      });
    },
  };
}
