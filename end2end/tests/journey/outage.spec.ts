import { confirmButton, scan } from '../../support/phone';
import { expectPhase, expectSignedIn, idOf, note, openCode, readCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

// Requests fail while the server is down, and after it has lost the code.
const AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|status of 404|response code: 404/;

for (const moment of ['waits for a scan', 'waits for the phone’s answer'] as const) {
  test(`the PC waits for a server that dies while it ${moment}, and then a new code works`, async ({
    people,
    server,
    troubles,
  }) => {
    troubles.expect(AWAY);
    const pc = await people.desktop();
    const phone = await people.phone({ account: 'dong' });
    await openCode(pc);
    const first = await readCode(pc);
    if (moment !== 'waits for a scan') {
      await scan(phone, first);
      await expectPhase(pc, 'scanned');
    }

    await server.kill();
    await expectPhase(pc, 'offline');
    await expect(note(pc, 'offline').getByText(en.feed.offline, { exact: true })).toBeVisible();

    await server.run();
    await expectPhase(pc, 'waiting');
    const second = await readCode(pc);
    expect(idOf(second)).not.toBe(idOf(first));
    await scan(phone, second);
    await confirmButton(phone).click();
    await expectSignedIn(pc, 'dong');
  });
}

test('after an outage the page uses the WebSocket again', async ({ people, server, troubles }) => {
  troubles.expect(AWAY);
  const pc = await people.desktop();
  await openCode(pc);
  const first = await readCode(pc);
  await server.kill();
  await expectPhase(pc, 'offline');
  const frames: string[] = [];
  pc.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(payload.toString())));
  await server.run();
  const second = await readCode(pc, first);
  await expect.poll(() => frames.some((frame) => frame.includes(idOf(second)))).toBe(true);
});

test('a signed-in PC stays signed in when the server restarts', async ({ people, server, troubles }) => {
  troubles.expect(AWAY);
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
  await server.kill();
  await server.run();
  await pc.reload();
  await expectSignedIn(pc, 'dong');
});
