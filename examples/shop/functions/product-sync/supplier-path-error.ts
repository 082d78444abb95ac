import { WaybillError } from 'waybill';

/** A supplier has no such path: its URL is not the one of its feed. */
class SupplierPathError extends WaybillError {
  readonly code = 'SUPPLIER_PATH_UNKNOWN';
  override readonly disposition = 'permanent';

  constructor(label: string, path: string) {
    super(`${label} has no ${path}: set the URL of its feed`);
  }
}

/** @throws SupplierPathError `SUPPLIER_PATH_UNKNOWN` for null, a 404 */
export function found<Answer>(answer: Answer | null, label: string, path: string): Answer {
  if (answer === null) throw new SupplierPathError(label, path);
  return answer;
}
