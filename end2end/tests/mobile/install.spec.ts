// The offer to put us on the home screen: on the account page of a phone that has approved two sign-ins, and nowhere else.

import { type Page } from '@playwright/test';
import { expectSignedIn, openCode, readCode } from '../../support/desktop';
import { type People } from '../../support/people';
import { confirmButton, expectOutcome, scan } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

const hint = (page: Page) => page.getByRole('region', { name: en.install.heading });
const addButton = (page: Page) => page.getByRole('button', { name: en.install.add, exact: true });

/** A phone that has approved so many sign-ins. */
async function experienced(people: People, approvals: number): Promise<Page> {
  const phone = await people.phone({ account: 'dong' });
  for (let approval = 0; approval < approvals; approval++) await approve(people, phone);
  return phone;
}

async function approve(people: People, phone: Page): Promise<void> {
  const pc = await people.desktop();
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await confirmButton(phone).click();
  await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
  await expect(hint(phone)).toBeHidden();
}

/** What Chromium does when a site can be installed; `prompted` is set when the page asks the browser to install it. */
async function offer(page: Page, outcome: 'accepted' | 'dismissed'): Promise<void> {
  await page.evaluate((outcome) => {
    const event = new Event('beforeinstallprompt', { cancelable: true });
    const prompt = async () => document.body.setAttribute('data-prompted', '');
    dispatchEvent(Object.assign(event, { prompt, userChoice: Promise.resolve({ outcome }) }));
  }, outcome);
}

/** The page's script has run. */
async function openAccount(page: Page): Promise<void> {
  await page.goto('/account', { waitUntil: 'load' });
}

test('the second approval makes the offer, and the button asks the browser', async ({ people }) => {
  const phone = await experienced(people, 1);
  await openAccount(phone);
  await offer(phone, 'accepted');
  await expect(hint(phone)).toBeHidden();
  // The page of the same code again is not another approval.
  await phone.goBack();
  await phone.reload();
  await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
  await openAccount(phone);
  await offer(phone, 'accepted');
  await expect(hint(phone)).toBeHidden();

  await approve(people, phone);
  await openAccount(phone);
  await expect(hint(phone)).toBeHidden();
  await offer(phone, 'accepted');
  await expect(hint(phone)).toBeVisible();
  await expect(phone.getByText(en.install.share)).toBeHidden();
  await addButton(phone).click();
  await expect(phone.locator('body')).toHaveAttribute('data-prompted', '');
  await expect(hint(phone)).toBeHidden();
});

for (const [how, decline] of [
  ['on the page', async (phone: Page) => phone.getByRole('button', { name: en.install.decline }).click()],
  ['in the browser', async (phone: Page) => addButton(phone).click()],
] as const) {
  test(`who declines ${how} is not asked again`, async ({ people }) => {
    const phone = await experienced(people, 2);
    await openAccount(phone);
    await offer(phone, 'dismissed');
    await decline(phone);
    await expect(hint(phone)).toBeHidden();
    await expect.poll(() => phone.evaluate(() => localStorage.getItem('install'))).toBe('declined');
    await openAccount(phone);
    await offer(phone, 'accepted');
    await expect(hint(phone)).toBeHidden();
  });
}

test('an iPhone says how, because its browsers cannot be asked', async ({ people }) => {
  const phone = await experienced(people, 2);
  await phone.addInitScript(() => Object.defineProperty(navigator, 'standalone', { value: false, configurable: true }));
  await openAccount(phone);
  await expect(hint(phone)).toBeVisible();
  await expect(phone.getByText(en.install.share)).toBeVisible();
  await expect(phone.getByText(en.install.choose)).toBeVisible();
  await expect(addButton(phone)).toBeHidden();
  await phone.addInitScript(() => Object.defineProperty(navigator, 'standalone', { value: true }));
  await openAccount(phone);
  await expect(hint(phone)).toBeHidden();
});

test('no other page loads the offer, and no computer', async ({ people }) => {
  const pc = await people.desktop();
  const requested: string[] = [];
  pc.context().on('request', (request) => requested.push(request.url()));
  await openCode(pc);
  const phone = await people.phone({ account: 'dong' });
  phone.on('request', (request) => requested.push(request.url()));
  await scan(phone, await readCode(pc));
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
  expect(requested.filter((url) => url.includes('install'))).toEqual([]);
});
