import type { OptionTable } from '../../local/start/arguments.ts';

export const MCP_OPTIONS = {
  env: { value: 'NAME', text: 'environment; needed when the account and region have several' },
  profile: { value: 'NAME', text: 'profile of the AWS configuration (default: AWS_PROFILE)' },
  region: { value: 'REGION', text: 'region (default: AWS_REGION, or that of the profile)' },
  help: { short: 'h', text: 'show this' },
} as const satisfies OptionTable;
