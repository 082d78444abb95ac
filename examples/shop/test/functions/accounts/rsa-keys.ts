import { generateKeyPairSync } from 'node:crypto';

const made: string[] = [];
let given = 0;

/** RSA keys, of which each file of tests makes a few: they take long. */
export const rsaKeys = {
  next() {
    const index = given++ % 4;
    made[index] ??= generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey;
    return { kid: `key-${given}`, privateKey: made[index] };
  },
};
