// Every journey, in browsers that have script but neither WASM, modules, sockets, fetch nor the style sheets of today.

import { type Page } from '@playwright/test';
import { expectPhase, expectSignedIn, idOf, note, openCode, readCode } from '../../support/desktop';
import { age } from '../../support/old';
import { type People } from '../../support/people';
import { cancelButton, confirmButton, continueButton, expectOutcome, signIn } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

// What it cannot load.
test.beforeEach(({ troubles }) => troubles.expect(/ERR_FAILED|Failed to fetch dynamically imported module/));

const oldPc = async (people: People) => age(await people.desktop());
const oldPhone = async (people: People, account?: 'dong') => age(await people.phone({ account }));
const press = async (page: Page, name: string) => page.getByRole('button', { name, exact: true }).filter({ visible: true }).click();

/** Nothing sticks out, and the way to skip the head does not cover it. */
async function expectUsable(page: Page): Promise<void> {
  await expect.soft(page.locator('.skip')).not.toBeInViewport();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect.soft(width, page.url()).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
}

test('a PC signs in by password', async ({ people }) => {
  const pc = await oldPc(people);
  await pc.goto('/');
  await expectUsable(pc);
  await pc.getByRole('navigation', { name: en.pc.ways }).getByText(en.pc.tab_password).click();
  await signIn(pc, 'dong', 'wrong');
  await expect(pc.getByRole('alert')).toHaveText(en.error.invalid_credentials);
  await signIn(pc, 'dong');
  await expectSignedIn(pc, 'dong');
  await expectUsable(pc);
  await press(pc, en.account.sign_out);
  await expectPhase(pc, 'waiting');
});

test('a PC and a phone sign in by the code, which refreshes itself', async ({ people }) => {
  const pc = await oldPc(people);
  await pc.goto('/');
  const address = await readCode(pc);
  const { width = 0 } = (await pc.locator('.code svg').boundingBox()) ?? {};
  expect(width).toBeGreaterThanOrEqual(200);
  const phone = await oldPhone(people);
  await phone.goto(address);
  await expectUsable(phone);
  // After a sign-in on this page it continues by one line of script.
  await signIn(phone, 'dong');
  await expectPhase(pc, 'scanned');
  expect(new URL(pc.url()).searchParams.get('ticket')).toBe(idOf(address));
  await expectUsable(phone);
  await confirmButton(phone).click();
  await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
  await press(pc, en.pc.proceed);
  await expectSignedIn(pc, 'dong');
});

test('a phone cancels, and the PC gets a new code', async ({ people }) => {
  const pc = await oldPc(people);
  await pc.goto('/');
  const address = await readCode(pc);
  const phone = await oldPhone(people, 'dong');
  await phone.goto(address);
  await continueButton(phone).click();
  await cancelButton(phone).click();
  await expectOutcome(phone, en.outcome.cancelled, en.outcome.cancelled_text);
  await expectPhase(pc, 'cancelled');
  await note(pc, 'cancelled').getByText(en.feed.new_code).click();
  await expectPhase(pc, 'waiting');
  await readCode(pc, address);
});

test('a phone scans by a photo', async ({ people }) => {
  const pc = await people.desktop();
  await openCode(pc);
  const buffer = await pc.screenshot();
  const phone = await oldPhone(people, 'dong');
  await phone.goto('/account');
  await phone.getByRole('link', { name: en.scan.link, exact: true }).click();
  await expectUsable(phone);
  await phone.getByLabel(en.scan.photo).setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer });
  await press(phone, en.scan.photo_submit);
  await continueButton(phone).click();
  await expectPhase(pc, 'scanned');
});

test('a phone changes its settings and signs another device out', async ({ people }) => {
  const other = await people.phone({ account: 'dong' });
  const phone = await oldPhone(people, 'dong');
  await phone.goto('/settings');
  await expectUsable(phone);
  await phone.getByLabel(en.settings.name, { exact: true }).fill('董 Wei');
  await press(phone, en.settings.name_save);
  await expect(phone.getByRole('status')).toHaveText(en.settings.name_done);
  await phone.getByLabel(en.settings.picture, { exact: true }).setInputFiles('../public/icon-192.png');
  await press(phone, en.settings.picture_save);
  await expect(phone.getByRole('status')).toHaveText(en.settings.picture_done);

  await phone.goto('/account');
  await expectUsable(phone);
  await phone.locator('#sign-out-others').getByRole('button', { name: en.account.revoke, exact: true }).click();
  await expect(phone.getByText(en.account.revoke_others_sure)).toBeHidden();
  await other.goto('/account');
  await expect(other).not.toHaveURL('/account');
});

test.describe('when a code expires', () => {
  test.use({ settings: { manualClock: true } });

  test('it is replaced by a new one', async ({ people, server }) => {
    const pc = await oldPc(people);
    await pc.goto('/');
    const first = await readCode(pc);
    await server.expireCodes();
    await readCode(pc, first);
    await expectPhase(pc, 'waiting');
  });
});
