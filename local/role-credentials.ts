import { createHash } from 'node:crypto';
import { type Caller, USER } from './endpoint/service.ts';
import type { Credentials } from './lambda/environment-variables.ts';

export interface RoleCredentials {
  /** What a function signs its requests with: those of a session of its role. */
  credentialsOf(roleArn: string, sessionName: string): Credentials;
  /** The session whose credentials these are; any other key id is the run's own user. */
  callerOf(accessKeyId: string): Caller;
}

/** Gives every session of a role a key id of its own, so that a request tells who sent it. */
export function createRoleCredentials(): RoleCredentials {
  const sessions = new Map<string, Caller>();
  return {
    credentialsOf(roleArn, sessionName) {
      const digest = createHash('sha256').update(`${roleArn} ${sessionName}`).digest('hex');
      // ASIA: the prefix of temporary credentials
      const accessKeyId = `ASIA${digest.slice(0, 16).toUpperCase()}`;
      sessions.set(accessKeyId, { kind: 'role', roleArn, sessionName });
      return { accessKeyId, secretAccessKey: digest.slice(16, 56), sessionToken: digest };
    },
    callerOf: (accessKeyId) => sessions.get(accessKeyId) ?? USER,
  };
}
