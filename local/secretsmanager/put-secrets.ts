import { AwsError } from '../endpoint/aws-error.ts';
import { type JsonService, USER } from '../endpoint/service.ts';

/** Gives secrets their values by name, and creates those that are not there. */
export async function putSecrets(service: JsonService, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, SecretString] of Object.entries(values)) {
    try {
      await service.handle('CreateSecret', { Name: name, SecretString }, USER);
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'ResourceExistsException')) throw error;
      await service.handle('PutSecretValue', { SecretId: name, SecretString }, USER);
    }
  }
}
