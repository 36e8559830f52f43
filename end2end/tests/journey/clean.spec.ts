// What every page guarantees to the browser. That no page violates its CSP or fails a request is checked in every test.

import { type Page } from '@playwright/test';
import { forEachScene } from '../../support/gallery';
import { scenes } from '../../support/scenes';
import { expect, test } from '../../support/test';

/** The URLs of all files that a page refers to. */
async function filesOf(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('link[href]:not([rel=expect]), script[src], img[src]')].map((element) =>
      new URL(element.getAttribute('href') ?? element.getAttribute('src') ?? '', location.href).toString(),
    ),
  );
}

forEachScene(
  scenes,
  (name) => `${name} has a strict policy, its own nonce, and only files that exist`,
  async (scene, stage) => {
    const page = await scene.open({ ...stage, options: {} });
    const files = await filesOf(page);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect.soft((await page.request.get(file)).status(), file).toBe(200);

    const answer = await page.request.get(page.url(), { headers: { accept: 'text/html' } });
    const policy = answer.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/'unsafe-(inline|eval)'/);
    expect(policy).toMatch(/script-src [^;]*'nonce-[\w-]{16,}'/);
  },
);

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
