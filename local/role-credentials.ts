import { createHash } from 'node:crypto';
import { type Caller, USER } from './endpoint/service.ts';
import type { Credentials } from './lambda/environment-variables.ts';

export interface RoleCredentials {
  /** What a function with this role signs its requests with. */
  credentialsOf(roleArn: string): Credentials;
  /** The role whose credentials these are; any other key id is the run's own user. */
  callerOf(accessKeyId: string): Caller;
}

/** Gives every role a key id of its own, so that a request tells who sent it. */
export function createRoleCredentials(): RoleCredentials {
  const roleArns = new Map<string, string>();
  return {
    credentialsOf(roleArn) {
      const digest = createHash('sha256').update(roleArn).digest('hex');
      // ASIA: the prefix of temporary credentials
      const accessKeyId = `ASIA${digest.slice(0, 16).toUpperCase()}`;
      roleArns.set(accessKeyId, roleArn);
      return { accessKeyId, secretAccessKey: digest.slice(16, 56), sessionToken: digest };
    },
    callerOf(accessKeyId) {
      const roleArn = roleArns.get(accessKeyId);
      return roleArn === undefined ? USER : { kind: 'role', roleArn };
    },
  };
}
