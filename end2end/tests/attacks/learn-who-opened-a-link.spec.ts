// The sender of a link wants to know who opened it: the link leads to the sender's own code, and the sender's PC shows
// who scanned it, if the phone that opens it scans automatically.

import { type Page } from '@playwright/test';
import { expectPhase, idOf, openCode, readCode } from '../../support/desktop';
import { chooseLanguage } from '../../support/language';
import { continueButton, expectQuestion, scan, signIn } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

/** Opens a link on a page of another site. */
async function tapOnAnotherSite(phone: Page, address: string): Promise<void> {
  await phone.setContent(`<a href="${address}">Win a prize</a>`);
  await phone.getByRole('link').click();
  await phone.waitForURL(/\/confirm/);
}

/** The page has no script but the button that shows a password, so only a tap can continue; and the sender's PC learns nothing. */
async function expectNothingTold(phone: Page, pc: Page, address: string): Promise<void> {
  await expect(phone.locator('form.scan, form.sign-in')).toBeVisible();
  await expect(phone.locator('script:not([src$="/page.js"])')).toHaveCount(0);
  const check = await (await pc.request.get(`/api/qrcode/check?id=${idOf(address)}`)).json();
  expect(check).toMatchObject({ status: 'pending', account: null });
  await expectPhase(pc, 'waiting');
}

test('a link on another site tells its sender nothing', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const address = await readCode(pc);
  await tapOnAnotherSite(phone, address);
  await expect(phone.getByText(en.confirm.scan_foreign_hint)).toBeVisible();
  await expectNothingTold(phone, pc, address);
});

test('a link tapped in an app tells its sender nothing, and one tap is all that a scan needs', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const address = await readCode(pc);
  await phone.goto(address);
  await expect(phone.getByText(en.confirm.scan_foreign_hint)).toHaveCount(0);
  await expectNothingTold(phone, pc, address);

  await scan(phone, address);
  await expectPhase(pc, 'scanned');
});

test('a link on another site is remembered through a sign-in, a wrong password and a change of language', async ({
  people,
}) => {
  const pc = await people.desktop();
  const phone = await people.phone();
  await openCode(pc);
  const address = await readCode(pc);
  await tapOnAnotherSite(phone, address);
  await expect(phone.getByText(en.sign_in.foreign_hint)).toBeVisible();
  await signIn(phone, 'dong', 'wrong');
  await expect(phone.getByRole('alert')).toBeVisible();
  await chooseLanguage(phone, '简体中文');
  await chooseLanguage(phone, 'English');
  await expect(phone.getByText(en.sign_in.foreign_hint)).toBeVisible();
  await signIn(phone, 'dong');
  await expect(phone.getByText(en.confirm.scan_foreign_hint)).toBeVisible();
  await expectNothingTold(phone, pc, address);

  await continueButton(phone).click();
  await expectQuestion(phone);
});

test('a sign-in that started on the page of the code goes on by itself, and the next code asks again', async ({ people }) => {
  const pc = await people.desktop();
  const other = await people.desktop();
  const phone = await people.phone();
  await openCode(pc);
  await phone.goto(await readCode(pc));
  await signIn(phone, 'dong');
  await expectQuestion(phone);
  await expectPhase(pc, 'scanned');

  await openCode(other);
  const address = await readCode(other);
  await phone.goto(address);
  await expectNothingTold(phone, other, address);
});
