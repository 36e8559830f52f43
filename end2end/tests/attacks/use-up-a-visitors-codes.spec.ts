// A page wants its visitors, and everyone who shares their address, to get no more codes: it loads our start page as
// often as it can, as an image, a script, a style sheet or a frame, until the rate limit of the address is reached.

import { type Request } from '@playwright/test';
import { expectPhase, readCode } from '../../support/desktop';
import { type Server } from '../../support/server';
import { expect, test } from '../../support/test';

const OFTEN = 20;

/** The number of codes that the server has issued. */
async function codes(server: Server): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^qr_login_tickets_total\{status="pending"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
}

for (const [what, markup] of [
  ['an image', '<img src="URL">'],
  ['a script', '<script src="URL"></script>'],
  ['a style sheet', '<link rel="stylesheet" href="URL">'],
  ['a frame', '<iframe src="URL"></iframe>'],
  ['an object', '<object data="URL"></object>'],
  ['a request without CORS', '<script>fetch("URL", { mode: "no-cors", credentials: "include" }).catch(() => {})</script>'],
] as const) {
  test(`a page that loads ours as ${what} uses up no codes of its visitor`, async ({ people, server, troubles }) => {
    troubles.expect(/./);
    const pc = await people.desktop();
    let answers = 0;
    const all = new Promise<void>((done) => {
      const count = (request: Request) => {
        if (request.url().startsWith(`${server.url}/?`) && ++answers === OFTEN) done();
      };
      pc.on('requestfinished', count);
      pc.on('requestfailed', count);
    });
    const urls = Array.from({ length: OFTEN }, (_, number) => `${server.url}/?${number}`);
    await pc.setContent(urls.map((url) => markup.replace('URL', url)).join(''), { waitUntil: 'commit' });
    await all;
    expect(await codes(server)).toBe(0);

    await pc.goto('/');
    await expectPhase(pc, 'waiting');
    await readCode(pc);
    expect(await codes(server)).toBe(1);
  });
}
