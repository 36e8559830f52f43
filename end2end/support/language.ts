// The menu at the foot of each page.

import { type Page } from '@playwright/test';

/** Chooses a language by its own name. */
export async function chooseLanguage(page: Page, name: string): Promise<void> {
  await page.locator('.language summary').click();
  await page.locator('.language').getByRole('button', { name, exact: true }).click();
}
