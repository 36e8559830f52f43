// Without script, a login is plain HTML: forms, links, and a page that refreshes itself.

import { type Page } from '@playwright/test';
import { cancelButton, confirmButton, continueButton, expectOutcome, signIn } from '../../support/phone';
import { expectPhase, expectSignedIn, idOf, note, readCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

const plain = { javaScriptEnabled: false };

async function proceed(page: Page): Promise<void> {
  await page.getByRole('button', { name: en.pc.proceed, exact: true }).click();
}

for (const [where, onPc, onPhone] of [
  ['on the PC', true, false],
  ['on the phone', false, true],
  ['on both', true, true],
] as const) {
  test(`a login completes without script ${where}`, async ({ people }) => {
    const pc = await people.desktop(onPc ? plain : {});
    const phone = await people.phone(onPhone ? plain : {});
    await pc.goto('/');
    const address = await readCode(pc);

    await phone.goto(address);
    await signIn(phone, 'dong');
    // After a sign-in on this page a phone with script continues automatically.
    if (onPhone) await continueButton(phone).click();
    await expect(confirmButton(phone)).toBeVisible();

    await expectPhase(pc, 'scanned');
    await expect(note(pc, 'scanned').getByText('dong', { exact: true })).toBeVisible();
    if (onPc) expect(new URL(pc.url()).searchParams.get('ticket')).toBe(idOf(address));

    await confirmButton(phone).click();
    await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
    if (onPc) await proceed(pc);
    await expectSignedIn(pc, 'dong');
  });
}

test('without script a page that waits refreshes and keeps its code', async ({ people }) => {
  const pc = await people.desktop(plain);
  await pc.goto('/');
  const address = await readCode(pc);
  await pc.waitForURL(/ticket=/);
  expect(await readCode(pc)).toBe(address);
});

test('without script a cancel reaches the PC, and its link gets a new code', async ({ people }) => {
  const pc = await people.desktop(plain);
  const phone = await people.phone({ ...plain, account: 'dong' });
  await pc.goto('/');
  const address = await readCode(pc);
  await phone.goto(address);
  await continueButton(phone).click();
  await cancelButton(phone).click();
  await expectOutcome(phone, en.outcome.cancelled, en.outcome.cancelled_text);
  await expectPhase(pc, 'cancelled');
  await note(pc, 'cancelled').getByText(en.feed.new_code).click();
  await expectPhase(pc, 'waiting');
  await readCode(pc, address);
});

test('without script the password signs in a PC, and an error keeps the name', async ({ people }) => {
  const pc = await people.desktop(plain);
  await pc.goto('/?tab=password');
  await signIn(pc, 'dong', 'wrong');
  await expect(pc.getByRole('alert')).toHaveText(en.error.invalid_credentials);
  await expect(pc.getByLabel(en.sign_in.username, { exact: true })).toHaveValue('dong');
  await signIn(pc, 'dong');
  await expectSignedIn(pc, 'dong');
});

test.describe('when a code expires', () => {
  test.use({ settings: { manualClock: true } });

  test('without script it is replaced by a new one', async ({ people, server }) => {
    const pc = await people.desktop(plain);
    await pc.goto('/');
    const first = await readCode(pc);
    await server.expireCodes();
    await readCode(pc, first);
    await expectPhase(pc, 'waiting');
  });
});
