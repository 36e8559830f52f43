import { cancelButton, confirmButton, expectOutcome, scan } from '../../support/phone';
import { expectPhase, expectSignedIn, idOf, note, openCode, readCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test('a cancel on the phone is shown on the PC, whose button gets a new code that works', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const first = await readCode(pc);
  await scan(phone, first);
  await expectPhase(pc, 'scanned');

  await cancelButton(phone).click();
  await expectOutcome(phone, en.outcome.cancelled, en.outcome.cancelled_text);

  await expectPhase(pc, 'cancelled');
  await expect(note(pc, 'cancelled').getByText(en.feed.cancelled, { exact: true })).toBeVisible();
  const actions = pc.locator('.panel').locator('a, button').filter({ visible: true });
  await expect(actions).toHaveText([en.feed.new_code]);
  await actions.click();

  await expectPhase(pc, 'waiting');
  const second = await readCode(pc);
  expect(idOf(second)).not.toBe(idOf(first));
  await scan(phone, second);
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
});

test('somebody else’s scan can be dismissed at the PC, and that phone shows it', async ({ people, troubles }) => {
  // The phone's late request is refused.
  troubles.expect(/status of 410/);
  const pc = await people.desktop();
  const stranger = await people.phone({ account: 'guang' });
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const first = await readCode(pc);
  await scan(stranger, first);
  await expect(note(pc, 'scanned').getByText('guang', { exact: true })).toBeVisible();

  await note(pc, 'scanned').getByText(en.feed.not_you).click();
  await expectPhase(pc, 'waiting');
  const second = await readCode(pc);
  expect(idOf(second)).not.toBe(idOf(first));

  await confirmButton(stranger).click();
  await expectOutcome(stranger, en.outcome.cancelled_pc, en.outcome.cancelled_pc_text);

  await scan(phone, second);
  await expect(note(pc, 'scanned').getByText('dong', { exact: true })).toBeVisible();
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
});
