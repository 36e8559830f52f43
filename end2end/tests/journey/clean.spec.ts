// What every page guarantees to the browser. That no page violates its CSP or fails a request is checked in every test.

import { expect, test } from '../../support/test';

test('a nonce is used once', async ({ people }) => {
  const pc = await people.desktop();
  const policies = new Set<string | undefined>();
  for (let visit = 0; visit < 3; visit++) {
    policies.add((await pc.goto('/'))?.headers()['content-security-policy']);
  }
  expect(policies.size).toBe(3);
});

test('the site can be put on a home screen: a name, a start, icons that exist, one of them maskable', async ({
  people,
}) => {
  const phone = await people.phone();
  await phone.goto('/');
  const address = await phone.locator('link[rel=manifest]').getAttribute('href');
  const answer = await phone.request.get(address ?? '');
  expect(answer.ok()).toBe(true);
  interface Manifest {
    name: string;
    start_url: string;
    icons: { src: string; purpose?: string; sizes: string }[];
  }
  const { name, start_url, icons } = (await answer.json()) as Manifest;
  expect(name).toBe('qr-login');
  expect((await phone.request.get(start_url)).ok()).toBe(true);
  expect(icons.some(({ purpose }) => purpose?.includes('maskable'))).toBe(true);
  for (const { src } of icons) expect.soft((await phone.request.get(src)).status(), src).toBe(200);
});
