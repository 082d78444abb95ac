import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { describe, expect, it } from 'vitest';
import { main } from '../../../../../cli/openapi/main.ts';
import { accountsApi } from '../../../functions/accounts/api/routes.ts';
import { issuerApi } from '../../../functions/accounts/issuer/routes.ts';

const SHOP = join(import.meta.dirname, '../../..');

describe.each([
  ['openapi-issuer.json', 'functions/accounts/issuer/routes.ts', issuerApi],
  ['openapi-accounts.json', 'functions/accounts/api/routes.ts', accountsApi],
])('the committed description %s', (file, routes, api) => {
  const committed = join(SHOP, file);

  it('is what the routes say', async () => {
    const args = [join(SHOP, routes), '--issuer', 'https://auth.example.com', '--out', committed, '--check'];

    expect(await main(args)).toBe(0);
  });

  it('is valid by the schema of OpenAPI 3.1, and has every route', async () => {
    const description = JSON.parse(readFileSync(committed, 'utf8'));

    await expect(SwaggerParser.validate(structuredClone(description))).resolves.toMatchObject({
      info: { title: api.title },
    });
    const described = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toStrictEqual(api.routes.map(({ key }) => key).toSorted());
  });
});
