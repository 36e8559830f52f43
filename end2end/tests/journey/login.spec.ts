import { cancelButton, confirmButton, expectOutcome, expectQuestion, scan, signIn } from '../../support/phone';
import { expectPhase, expectSignedIn, idOf, look, note, openCode, readCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const deviceScaleFactor of [1, 2]) {
    test(`a phone signs in a PC by the code on its ${colorScheme} screen at ${deviceScaleFactor}x`, async ({
      people,
    }) => {
      const pc = await people.desktop({ colorScheme, deviceScaleFactor });
      const phone = await people.phone({ colorScheme });

      await openCode(pc);
      await expectPhase(pc, 'waiting');
      const address = await readCode(pc);

      await phone.goto(address);
      await expect(phone.getByRole('heading', { name: en.sign_in.phone_heading })).toBeVisible();
      await signIn(phone, 'dong');
      await expectQuestion(phone);
      await expect(phone).toHaveURL(`/confirm?id=${idOf(address)}`);

      await expectPhase(pc, 'scanned');
      await expect(note(pc, 'scanned').getByText('dong', { exact: true })).toBeVisible();
      await expect(note(pc, 'scanned').getByText(en.feed.scanned)).toBeVisible();
      await expect.poll(() => look(pc), 'the code has stepped back').toBeUndefined();

      const requester = phone.locator('.requester');
      await expect(requester).toContainText('Chrome');
      await expect(requester).toContainText('Windows');
      await expect(phone.locator('.facts')).toContainText('127.0.0.1');
      await expect(phone.locator('.facts')).toContainText('dong');
      await expect(phone.getByText(en.confirm.warning)).toBeVisible();
      const [confirm, cancel] = [await confirmButton(phone).boundingBox(), await cancelButton(phone).boundingBox()];
      expect([confirm?.width, confirm?.height]).toEqual([cancel?.width, cancel?.height]);
      expect(confirm?.height).toBeGreaterThanOrEqual(48);

      await confirmButton(phone).click();
      await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
      await expectSignedIn(pc, 'dong');
    });
  }
}

test('the browser’s back button does not lead to a used code', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await pc.goto('/?tab=password');
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
  await pc.goBack();
  await expect(pc).not.toHaveURL(/ticket=/);
  await expectSignedIn(pc, 'dong');
});
