import { type Page } from '@playwright/test';
import { expectSignedIn, openCode } from '../../support/desktop';
import { signIn } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

const username = (page: Page) => page.getByLabel(en.sign_in.username, { exact: true });
const password = (page: Page) => page.getByLabel(en.sign_in.password, { exact: true });

test('the password tab signs in a PC as a PC', async ({ people }) => {
  const pc = await people.desktop();
  await openCode(pc);
  await pc.getByRole('link', { name: en.pc.tab_password }).click();
  await expect(username(pc)).toBeFocused();
  await expect(pc.getByText(en.sign_in.remember)).toHaveCount(0);
  await signIn(pc, 'dong');
  await expectSignedIn(pc, 'dong');
  const own = pc.getByRole('listitem').filter({ hasText: en.account.current });
  await expect(own).toContainText('Chrome · Windows');
  await expect(pc.getByText(en.account.no_phones)).toBeVisible();
});

test('a wrong password says so, keeps the name, and asks for the password again', async ({ people }) => {
  const pc = await people.desktop();
  await pc.goto('/?tab=password');
  await signIn(pc, 'dong', 'wrong');
  await expect(pc.getByRole('alert')).toHaveText(en.error.invalid_credentials);
  await expect(username(pc)).toHaveValue('dong');
  await expect(password(pc)).toHaveValue('');
  await expect(password(pc)).toBeFocused();
  await signIn(pc, 'dong');
  await expectSignedIn(pc, 'dong');
});

test('the two tabs link to each other, and the help on QR sign-in opens', async ({ people }) => {
  const pc = await people.desktop();
  await pc.goto('/?tab=password');
  await expect(pc.getByRole('link', { name: en.pc.tab_password })).toHaveAttribute('aria-current', 'page');
  await pc.getByRole('link', { name: en.pc.tab_qr }).click();
  await expect(pc.getByRole('link', { name: en.pc.tab_qr })).toHaveAttribute('aria-current', 'page');
  await expect(pc.getByText(en.pc.what_answer)).toBeHidden();
  await pc.getByText(en.pc.what, { exact: true }).click();
  await expect(pc.getByText(en.pc.what_answer)).toBeVisible();
});

test('a signed-in user is redirected to the account', async ({ people }) => {
  const pc = await people.desktop();
  await pc.goto('/?tab=password');
  await signIn(pc, 'guang');
  await expectSignedIn(pc, 'guang');
  await pc.goto('/');
  await expectSignedIn(pc, 'guang');
});
