// examples/spa, as it is, in Chromium: oidc-client-ts, by redirect and in a window.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { node } from './support/app.mjs';
import { issuer, phones, ports } from './support/peer.mjs';
import { Phone } from './support/person.mjs';

const { chromium } = createRequire(new URL('../../end2end/package.json', import.meta.url))('@playwright/test');
const script = fileURLToPath(new URL('../../examples/spa/serve.mjs', import.meta.url));
const app = `http://localhost:${ports.spa}/`;

/** Starts the example and a browser, and returns its page. */
async function open(t) {
  await node(t, script, { ISSUER: issuer, CLIENT_ID: 'spa', PORT: ports.spa }, /^ready/);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || undefined,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  t.after(() => browser.close());
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  await page.goto(app);
  await page.getByText('Nobody is signed in').waitFor();
  return page;
}

/** Approves the code on a page by the phone. */
async function approve(page) {
  await page.locator('.panel[data-awake]').waitFor();
  const { id } = JSON.parse(await page.locator('.panel').getAttribute('data-ticket'));
  const shown = await new Phone(issuer, phones.ada).approve(id);
  assert.equal(shown.app.name, 'Page');
  // This phone approves faster than people read, so the page asks once more.
  const agree = page.locator('[data-note=asking] [data-command=agree]');
  await Promise.race([
    agree.click().catch(() => {}),
    page.waitForURL((url) => url.origin !== issuer).catch(() => {}),
    page.waitForEvent('close').catch(() => {}),
  ]);
}

test('by redirect: signs in, renews by refresh token, and signs out', async (t) => {
  const page = await open(t);
  await page.locator('#redirect').click();
  await approve(page);
  await page.getByText('Hello, Ada Lovelace!').waitFor();
  assert.equal(page.url(), app);
  const stored = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  assert.match(stored, /ada@example\.org/);
  await page.locator('#renew').click();
  await page.getByText('Renewed').waitFor();
  await page.locator('#logout').click();
  await page.getByText('Nobody is signed in').waitFor();
  await page.locator('#redirect').click();
  await page.locator('.panel[data-awake]').waitFor();
});

test('in a window, which tells the page that opened it', async (t) => {
  const page = await open(t);
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('#popup').click()]);
  await approve(popup);
  await page.getByText('Hello, Ada Lovelace!').waitFor();
  assert.equal(page.url(), app);

  // Again: the PC is signed in at qr-login now. An app without a secret on this computer asks each time, because any
  // program here can pass as it; and a PC that was signed in by a code asks on the phone, because the app wants to stay.
  const [second] = await Promise.all([page.waitForEvent('popup'), page.locator('#popup').click()]);
  const closed = second.waitForEvent('close');
  await approve(second);
  await closed;
  assert.equal(await page.locator('#state').textContent(), '');
});

test('a response that it did not ask for is refused', async (t) => {
  const page = await open(t);
  await page.goto(`${app}callback.html?code=other&state=other&iss=${encodeURIComponent(issuer)}`);
  await page.getByText('Not signed in').waitFor();
});
