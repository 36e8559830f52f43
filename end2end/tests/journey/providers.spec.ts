// Sign-in by another provider, by real redirects, in the middle of a scan.

import { confirmButton, expectOutcome, scan } from '../../support/phone';
import { confirmPage, expectSignedIn, openCode, readCode } from '../../support/desktop';
import { COMPANY, Provider } from '../../support/provider';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test.describe(() => {
  let company: Provider;
  test.beforeAll(async () => {
    company = await Provider.start();
  });
  test.afterAll(async () => {
    await company.stop();
  });
  test.use({ settings: async ({}, use) => use({ clients: company.entry }) });

  test('a phone that signs in at the company goes on with the code that it scanned', async ({ people }) => {
    const pc = await people.desktop();
    const phone = await people.phone();
    await openCode(pc);
    const address = await readCode(pc);
    await phone.goto(address);
    await phone.getByRole('button', { name: en.provider.sign_in.replace('{{ name }}', COMPANY) }).click();
    await phone.getByRole('link', { name: 'Yes, I am Ada' }).click();
    await expect(phone).toHaveURL(confirmPage(address));
    // As if it had opened the address by itself: no other site has led there.
    await expect(phone.getByText(en.confirm.scan_foreign_hint)).toBeHidden();
    await scan(phone, address);
    await confirmButton(phone).click();
    await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
    await expectSignedIn(pc, 'Ada');
  });

  test('a PC is signed in from the page of the password', async ({ people }) => {
    const pc = await people.desktop();
    await pc.goto('/?tab=password');
    await pc.getByRole('button', { name: en.provider.sign_in.replace('{{ name }}', COMPANY) }).click();
    await pc.getByRole('link', { name: 'Yes, I am Ada' }).click();
    await expectSignedIn(pc, 'Ada');
  });
});
