// Actions and expectations of a person with a phone.

import { type Locator, type Page, expect } from '@playwright/test';
import { type Account, PASSWORDS } from './people';
import { en } from './words';

/** Fills in the sign-in form and submits it. */
export async function signIn(page: Page, account: Account, password: string = PASSWORDS[account]): Promise<void> {
  await page.getByLabel(en.sign_in.username, { exact: true }).fill(account);
  await page.getByLabel(en.sign_in.password, { exact: true }).fill(password);
  await page.getByRole('button', { name: en.sign_in.submit, exact: true }).click();
}

export function confirmButton(page: Page): Locator {
  return page.getByRole('button', { name: en.confirm.confirm, exact: true });
}

export function cancelButton(page: Page): Locator {
  return page.getByRole('button', { name: en.confirm.cancel, exact: true });
}

/** The button that reports a scan to the server; from then on the PC shows who scanned. */
export function continueButton(page: Page): Locator {
  return page.getByRole('button', { name: en.confirm.scan_continue, exact: true });
}

/** Opens the code's URL on a signed-in phone, as a scanner does, taps once, and waits for the decision page. */
export async function scan(page: Page, address: string, heading = en.confirm.heading): Promise<void> {
  await page.goto(address);
  await continueButton(page).click();
  await expectQuestion(page, heading);
}

/** Waits for the decision page to be hydrated. */
export async function expectQuestion(page: Page, heading = en.confirm.heading): Promise<void> {
  await expect(page.locator('.ask')).toHaveAttribute('data-phase', 'open');
  await expect(page.getByRole('heading', { name: heading })).toBeVisible();
}

/** Waits for a page, or an outcome in the page, with exactly this text. */
export async function expectOutcome(page: Page, heading: string, text: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).filter({ visible: true })).toHaveText(heading);
  await expect(page.getByText(text)).toBeVisible();
}
