import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { expect, it } from 'vitest';
import { main } from '../../../../../cli/openapi/main.ts';
import * as apis from '../../../functions/shop-apis.ts';

const ROOT = join(import.meta.dirname, '../../../../..');
const COMMITTED = join(ROOT, 'examples/shop/openapi.json');
const ROUTES = join(ROOT, 'examples/shop/functions/shop-apis.ts');

it('the committed description of the API is what its routes say', async () => {
  expect(await main([ROUTES, '--issuer', 'https://auth.example.com', '--out', COMMITTED, '--check'])).toBe(0);
});

it('the committed description is valid by the schema of OpenAPI 3.1, and has every route', async () => {
  const description = JSON.parse(readFileSync(COMMITTED, 'utf8'));

  await expect(SwaggerParser.validate(description)).resolves.toMatchObject({ info: { title: 'Tea shop' } });
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = Object.values(apis).flatMap((api) => api.routes.map(({ key }) => key));
  expect(described.toSorted()).toStrictEqual(routes.toSorted());
  expect(described).toHaveLength(13);
});
