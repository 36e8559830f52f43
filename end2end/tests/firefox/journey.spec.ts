// The journeys that depend on the browser, in Firefox: the page that follows its code, forms, the language, and the scanner.

import { expectPhase, expectSignedIn, idOf, note, openCode, readCode, takeTime } from '../../support/desktop';
import { chooseLanguage } from '../../support/language';
import { Handset } from '../../support/handset';
import { signIn } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en, zh } from '../../support/words';

const PHONE = 'Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0';

// Playwright adds a style sheet to a page that it photographs, which the policy forbids. Styles of elements are not expected.
test.beforeEach(({ troubles }) => troubles.expect(/style-src-elem/));

test('a PC is signed in by the code', async ({ people, server }) => {
  const pc = await people.tab();
  await openCode(pc);
  const id = idOf(await readCode(pc));
  const phone = await Handset.signedIn(server, 'dong');
  await phone.scan(id);
  await expectPhase(pc, 'scanned');
  await expect(note(pc, 'scanned').getByText('dong', { exact: true })).toBeVisible();
  await takeTime(pc, id);
  await phone.confirm(id);
  await expectSignedIn(pc, 'dong');
  await expect(pc.getByText('Firefox').first()).toBeVisible();
});

test('the language changes, and the password signs in', async ({ people }) => {
  const pc = await people.tab();
  await openCode(pc);
  const address = await readCode(pc);
  await chooseLanguage(pc, '简体中文');
  await expect(pc.locator('html')).toHaveAttribute('lang', 'zh-CN');
  expect(await readCode(pc), 'the code is kept').toBe(address);
  await pc.getByLabel(zh.sign_in.username, { exact: true }).fill('dong');
  await pc.getByLabel(zh.sign_in.password, { exact: true }).fill('111');
  await pc.getByRole('button', { name: zh.sign_in.submit, exact: true }).click();
  await expectSignedIn(pc, 'dong');
});

test('a phone reads a photo of the code', async ({ people, troubles }) => {
  const pc = await people.tab();
  await openCode(pc);
  const id = idOf(await readCode(pc));
  const buffer = await pc.screenshot();
  // Firefox reports the modules of a page that is left while they load: here the account page's, which come last.
  troubles.expect(/error loading dynamically imported module: .*\/account\)/);
  const phone = await people.tab({ userAgent: PHONE });
  await phone.goto('/');
  await signIn(phone, 'dong');
  await phone.getByRole('link', { name: en.scan.link, exact: true }).click();
  await phone.getByLabel(en.scan.photo).setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer });
  await expect(phone).toHaveURL(`/confirm?id=${id}`);
});
