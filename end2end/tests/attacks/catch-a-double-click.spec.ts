// Clickjacking: the victim is made to double-click, and the second click falls on our Confirm button, which was under
// the attacker's window or has just appeared. A person in a hurry who taps "Continue" twice does the same by accident.

import { type CDPSession, type Page } from '@playwright/test';
import { expectPhase, openCode, readCode } from '../../support/desktop';
import { type People } from '../../support/people';
import { confirmButton, continueButton, expectOutcome, expectQuestion } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

/** The clock of the page's animations, which also determines when the buttons become active. */
async function clockOf(page: Page): Promise<{ stop: () => Promise<void>; run: () => Promise<void> }> {
  const devtools: CDPSession = await page.context().newCDPSession(page);
  await devtools.send('Animation.enable');
  const rate = async (playbackRate: number) => void (await devtools.send('Animation.setPlaybackRate', { playbackRate }));
  return { stop: () => rate(0), run: () => rate(1) };
}

/** A phone that has just opened the decision page, with its clock stopped, and the requests it has sent. */
async function justAsked(people: People, javaScriptEnabled = true) {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong', javaScriptEnabled });
  const sent: string[] = [];
  phone.on('request', (request) => {
    if (/qrcode\/(confirm|cancel)$/.test(request.url())) sent.push(request.url());
  });
  await openCode(pc);
  const address = await readCode(pc);
  const clock = await clockOf(phone);
  await clock.stop();
  await phone.goto(address);
  await continueButton(phone).click();
  await expectQuestion(phone);
  return { pc, phone, sent, clock };
}

async function doubleClick(page: Page, button: 'confirm' | 'cancel'): Promise<void> {
  const box = await page.locator(`button.${button}`).boundingBox();
  if (!box) throw new Error('no button');
  await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
}

for (const [how, javaScriptEnabled] of [
  ['with', true],
  ['without', false],
] as const) {
  test(`clicks in the first half second decide nothing, ${how} script, and nothing moves after it`, async ({ people }) => {
    const { pc, phone, sent, clock } = await justAsked(people, javaScriptEnabled);
    const before = await phone.locator('.decide').boundingBox();
    await doubleClick(phone, 'confirm');
    await doubleClick(phone, 'cancel');
    await expect(confirmButton(phone)).toHaveCSS('pointer-events', 'none');

    await clock.run();
    await expect(confirmButton(phone)).toHaveCSS('pointer-events', 'auto');
    expect(await phone.locator('.decide').boundingBox()).toEqual(before);
    await expectQuestion(phone);
    await expectPhase(pc, 'scanned');
    expect(sent).toEqual([]);

    await confirmButton(phone).click();
    await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
    expect(sent).toHaveLength(1);
  });
}

test('a key pressed in the first half second decides nothing either, and later it does', async ({ people }) => {
  const { phone, sent, clock } = await justAsked(people);
  await expect(phone.locator('.ask')).toHaveAttribute('data-awake', '');
  await confirmButton(phone).focus();
  await phone.keyboard.press('Enter');
  await clock.run();
  await expect(confirmButton(phone)).toHaveCSS('pointer-events', 'auto');
  await expectQuestion(phone);
  expect(sent).toEqual([]);
  await phone.keyboard.press('Enter');
  await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
});

for (const event of ['focus', 'visibilitychange'] as const) {
  test(`the half second restarts when the page becomes visible again, by ${event}`, async ({ people }) => {
    const { phone, sent, clock } = await justAsked(people);
    await expect(phone.locator('.ask')).toHaveAttribute('data-awake', '');
    await clock.run();
    await expect(confirmButton(phone)).toHaveCSS('pointer-events', 'auto');
    await clock.stop();
    await phone.evaluate((event) => (event === 'focus' ? window : document).dispatchEvent(new Event(event)), event);
    await doubleClick(phone, 'confirm');
    await clock.run();
    await expect(confirmButton(phone)).toHaveCSS('pointer-events', 'auto');
    await expectQuestion(phone);
    expect(sent).toEqual([]);
    await confirmButton(phone).click();
    await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
  });
}
