// What a phone offers first, and after each request: to scan.

import { openCode, readCode } from '../../support/desktop';
import { cancelButton, confirmButton, expectOutcome, scan } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test('the home page of a signed-in phone offers to scan first', async ({ people }) => {
  const phone = await people.phone({ account: 'dong' });
  await phone.goto('/');
  await expect(phone).toHaveURL('/account');
  const scanner = phone.getByRole('link', { name: en.scan.link, exact: true });
  await expect(scanner).toBeInViewport({ ratio: 1 });
  const top = async (what: typeof scanner) => (await what.boundingBox())?.y ?? 0;
  for (const other of [phone.getByRole('heading', { level: 2 }).first(), phone.getByRole('button').first()]) {
    expect(await top(scanner)).toBeLessThan(await top(other));
  }
  await scanner.click();
  await expect(phone.getByRole('heading', { level: 1, name: en.scan.heading })).toBeVisible();
});

for (const [name, button, heading, text] of [
  ['an approved', confirmButton, en.outcome.approved, en.outcome.approved_text],
  ['a declined', cancelButton, en.outcome.cancelled, en.outcome.cancelled_text],
] as const) {
  test(`${name} request ends with a way to the next code`, async ({ people }) => {
    const pc = await people.desktop();
    const phone = await people.phone({ account: 'dong' });
    await openCode(pc);
    await scan(phone, await readCode(pc));
    await button(phone).click();
    await expectOutcome(phone, heading, text);
    const review = phone.getByRole('link', { name: en.outcome.approved_not_you }).filter({ visible: true });
    await expect(review).toHaveCount(name === 'an approved' ? 1 : 0);
    await phone.getByRole('link', { name: en.outcome.scan_another }).filter({ visible: true }).click();
    await expect(phone).toHaveURL('/scan');
  });
}
