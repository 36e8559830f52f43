import { type Page } from '@playwright/test';
import { expectSignedIn, openCode, readCode } from '../../support/desktop';
import { signIn } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

const username = (page: Page) => page.getByLabel(en.sign_in.username, { exact: true });
const password = (page: Page) => page.getByLabel(en.sign_in.password, { exact: true });

test('the password beside the code signs in a PC as a PC', async ({ people }) => {
  const pc = await people.desktop();
  await openCode(pc);
  // The focus is not moved to the form, because most people scan.
  await expect(username(pc)).not.toBeFocused();
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

test('a narrow window has tabs that link to each other, and the help on QR sign-in opens', async ({ people }) => {
  const pc = await people.desktop({ viewport: { width: 640, height: 900 } });
  await pc.goto('/?tab=password');
  await expect(username(pc)).toBeFocused();
  await expect(pc.locator('.code')).toBeHidden();
  await expect(pc.getByRole('link', { name: en.pc.tab_password })).toHaveAttribute('aria-current', 'page');
  await pc.getByRole('link', { name: en.pc.tab_qr }).click();
  await expect(pc.getByRole('link', { name: en.pc.tab_qr })).toHaveAttribute('aria-current', 'page');
  await expect(username(pc)).toBeHidden();
  await expect(pc.locator('.code')).toBeVisible();
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

test('a button shows the password that is being typed, and hides it before it is sent', async ({ people }) => {
  const pc = await people.desktop();
  await pc.goto('/?tab=password');
  await username(pc).fill('dong');
  await password(pc).fill('wrong');
  const reveal = pc.getByRole('button', { name: en.sign_in.reveal });
  await reveal.click();
  await expect(password(pc)).toHaveAttribute('type', 'text');
  await expect(reveal).toHaveAttribute('aria-pressed', 'true');
  await pc.evaluate(() => {
    const field = document.querySelector<HTMLInputElement>('[name=password]');
    addEventListener('submit', () => sessionStorage.setItem('sent', field?.type ?? ''));
  });
  await pc.keyboard.press('Enter');
  await expect(pc.getByRole('alert')).toHaveText(en.error.invalid_credentials);
  expect(await pc.evaluate(() => sessionStorage.getItem('sent'))).toBe('password');
});

test('the code is enlarged by a click and put back by Escape, and stays one that can be scanned', async ({ people }) => {
  const pc = await people.desktop();
  await openCode(pc);
  const address = await readCode(pc);
  const enlarge = pc.getByRole('button', { name: en.pc.enlarge });
  const size = async () => (await pc.locator('.code').boundingBox())?.width ?? 0;
  const before = await size();
  await enlarge.click();
  expect(await size()).toBeGreaterThan(1.5 * before);
  expect(await readCode(pc)).toBe(address);
  await pc.keyboard.press('Escape');
  expect(await size()).toBe(before);
  await expect(enlarge).toHaveAttribute('aria-pressed', 'false');
});
