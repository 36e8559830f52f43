import { confirmButton, continueButton, expectQuestion, signIn } from '../../support/phone';
import { confirmPage, expectPhase, expectSignedIn, openCode, readCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test('a phone that is not signed in signs in first, after a wrong password, and returns to confirm', async ({
  people,
}) => {
  const pc = await people.desktop();
  const phone = await people.phone();
  await openCode(pc);
  const address = await readCode(pc);
  await phone.goto(address);
  await expect(phone.getByRole('heading', { name: en.sign_in.phone_heading })).toBeVisible();

  await signIn(phone, 'dong', 'wrong');
  await expect(phone.getByRole('alert')).toHaveText(en.error.invalid_credentials);
  await expect(phone.getByLabel(en.sign_in.username, { exact: true })).toHaveValue('dong');
  await expectPhase(pc, 'waiting');

  await signIn(phone, 'dong');
  await expectQuestion(phone);
  await expect(phone).toHaveURL(confirmPage(address));
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
});

test('a phone signs in once and is still signed in at the next code', async ({ people }) => {
  const phone = await people.phone();
  for (const isFirst of [true, false]) {
    const pc = await people.desktop();
    await openCode(pc);
    await phone.goto(await readCode(pc));
    if (isFirst) await signIn(phone, 'dong');
    else await continueButton(phone).click();
    await expectQuestion(phone);
    await confirmButton(phone).click();
    await expectSignedIn(pc, 'dong');
  }
});

test('a phone that opens the site is offered the password, not a code on its own screen', async ({ people }) => {
  const phone = await people.phone();
  await phone.goto('/');
  await expect(phone.locator('.panel')).toHaveCount(0);
  await expect(phone.getByLabel(en.sign_in.remember)).toBeChecked();
  await signIn(phone, 'dong');
  await expect(phone).toHaveURL('/account');
  const own = phone.getByRole('listitem').filter({ hasText: en.account.current });
  await expect(own).toContainText('Chrome · Android');
  await expect(phone.getByText(en.account.no_pcs)).toBeVisible();
});

test('password managers understand the form', async ({ people }) => {
  const phone = await people.phone();
  await phone.goto('/');
  await expect(phone.getByLabel(en.sign_in.username, { exact: true })).toHaveAttribute('autocomplete', 'username');
  const password = phone.getByLabel(en.sign_in.password, { exact: true });
  await expect(password).toHaveAttribute('autocomplete', 'current-password');
  await expect(password).toHaveAttribute('type', 'password');
});
