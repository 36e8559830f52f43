import { confirmButton, expectOutcome, expectQuestion, scan } from '../../support/phone';
import { expectPhase, expectSignedIn, idOf, note, openCode, readCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test.describe('codes that live for four seconds', () => {
  test.use({ settings: { ttl: 4 } });

  test('a visible code renews itself, and the new one is another', async ({ people }) => {
    const pc = await people.desktop();
    let heard = '';
    pc.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => (heard = payload.toString())));
    await openCode(pc);
    const first = await readCode(pc);
    const second = await readCode(pc, first);
    expect(idOf(second)).not.toBe(idOf(first));
    await expectPhase(pc, 'waiting');
    // The first word about the new code must not talk over the news that there is one.
    await expect.poll(() => heard).toContain(idOf(second));
    expect(await pc.getByRole('status').textContent()).toBe(en.feed.renewed);
  });

  test('a phone that opens an expired code is told so, signed in or not', async ({ people }) => {
    const pc = await people.desktop();
    await openCode(pc);
    const first = await readCode(pc);
    await readCode(pc, first);
    for (const account of ['dong', undefined] as const) {
      const phone = await people.phone({ account });
      await phone.goto(first);
      await expectOutcome(phone, en.outcome.expired, en.outcome.expired_text);
    }
  });

  test('a question that nobody answers ends by itself on both sides', async ({ people }) => {
    const pc = await people.desktop();
    const phone = await people.phone({ account: 'dong' });
    await openCode(pc);
    const first = await readCode(pc);
    await scan(phone, first);
    await expectPhase(pc, 'scanned');
    await expectOutcome(phone, en.outcome.expired, en.outcome.expired_text);
    await expectPhase(pc, 'waiting');
    expect(idOf(await readCode(pc))).not.toBe(idOf(first));
  });
});

test.describe('codes that live for one second', () => {
  test.use({ settings: { ttl: 1 } });

  test('after five codes more that nobody used the page rests, until its button is pressed', async ({ people }) => {
    const pc = await people.desktop();
    let codes = 0;
    pc.on('response', (response) => (codes += Number(response.url().endsWith('/api/qrcode/generate'))));
    await openCode(pc);
    await expectPhase(pc, 'resting');
    expect(codes).toBe(5);
    await expect(note(pc, 'resting').getByText(en.feed.resting, { exact: true })).toBeVisible();

    await note(pc, 'resting').getByText(en.feed.new_code).click();
    await expectPhase(pc, 'waiting');
    expect(codes).toBe(6);
    await expectPhase(pc, 'resting');
  });
});

test.describe('codes that live for eight seconds', () => {
  test.use({ settings: { ttl: 8 } });

  test('a code that renewed itself signs the PC in', async ({ people }) => {
    const pc = await people.desktop();
    const phone = await people.phone({ account: 'dong' });
    await openCode(pc);
    const second = await readCode(pc, await readCode(pc));
    await scan(phone, second);
    await expectQuestion(phone);
    await confirmButton(phone).click();
    await expectSignedIn(pc, 'dong');
  });
});
