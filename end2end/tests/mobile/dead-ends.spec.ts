import { type Page } from '@playwright/test';
import { confirmButton, continueButton, expectOutcome, expectQuestion } from '../../support/phone';
import { expectPhase, expectSignedIn, openCode, readCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

const MISSING = /status of 404/;

async function open(page: Page, address: string): Promise<number | undefined> {
  return (await page.goto(address))?.status();
}

test('an unknown or mangled code leads to a page that says so', async ({ people, troubles }) => {
  troubles.expect(MISSING);
  for (const account of [undefined, 'dong'] as const) {
    const phone = await people.phone({ account });
    for (const query of ['?id=00000000-0000-4000-8000-000000000000', '?id=%22%3E%3Cscript%3E', '?id=', '']) {
      expect(await open(phone, `/confirm${query}`)).toBe(404);
      await expectOutcome(phone, en.outcome.unknown, en.outcome.unknown_text);
    }
  }
});

test('an address that does not exist says so and leads to the sign-in page', async ({ people, troubles }) => {
  troubles.expect(MISSING);
  const pc = await people.desktop();
  expect(await open(pc, '/nothing/here')).toBe(404);
  await expectOutcome(pc, en.outcome.not_found, en.outcome.not_found_text);
  await pc.getByRole('link', { name: en.outcome.not_found_action }).click();
  await expectPhase(pc, 'waiting');
});

test('the account page without a session is the sign-in page', async ({ people }) => {
  const pc = await people.desktop();
  await pc.goto('/account');
  await expect(pc).toHaveURL('/');
  await expectPhase(pc, 'waiting');
});

test('a link on another site does not scan without a tap', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const address = await readCode(pc);
  await phone.setContent(`<a href="${address}">Win a prize</a>`);
  await phone.getByRole('link').click();
  await expect(phone.getByRole('heading', { name: en.confirm.scan_foreign_heading })).toBeVisible();
  await expect(phone.getByText(en.confirm.scan_foreign_hint)).toBeVisible();
  await expectPhase(pc, 'waiting');

  await continueButton(phone).click();
  await expectQuestion(phone);
  await expectPhase(pc, 'scanned');
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
});
