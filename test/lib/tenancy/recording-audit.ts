import type { TenancyAudit } from '../../../lib/tenancy/index.ts';

export interface RecordingAudit extends TenancyAudit {
  readonly entries: readonly { readonly reason: string; readonly atWork: string | undefined }[];
}

export function createRecordingAudit(): RecordingAudit {
  const entries: { reason: string; atWork: string | undefined }[] = [];
  return { entries, crossTenantWork: (reason, atWork) => void entries.push({ reason, atWork }) };
}
