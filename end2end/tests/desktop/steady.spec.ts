// No layout shift when the state changes.

import { type Page } from '@playwright/test';
import { expectPhase, idOf, openCode, readCode } from '../../support/desktop';
import { Handset } from '../../support/handset';
import { expect, test } from '../../support/test';

/** Not in TypeScript's library yet (https://wicg.github.io/layout-instability). */
interface LayoutShift extends PerformanceEntry {
  sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}

async function shape(page: Page): Promise<unknown> {
  return [await page.locator('.card').boundingBox(), await page.locator('.code').boundingBox()];
}

for (const width of [360, 1280]) {
  test(`the card keeps its size and place through every state at ${width} pixels`, async ({
    people,
    server,
    troubles,
  }) => {
    troubles.expect(/ERR_CONNECTION/);
    const pc = await people.desktop({ viewport: { width, height: 1200 } });
    const app = await Handset.signedIn(server, 'dong');
    await openCode(pc);
    const id = idOf(await readCode(pc));
    const before = await shape(pc);
    await app.scan(id);
    await expectPhase(pc, 'scanned');
    expect(await shape(pc)).toEqual(before);
    await app.confirm(id);
    await expectPhase(pc, 'asking');
    expect(await shape(pc)).toEqual(before);
    await pc.locator('[data-note=asking] [data-command=renew]').click();
    await expectPhase(pc, 'waiting');
    expect(await shape(pc)).toEqual(before);
    const next = idOf(await readCode(pc));
    await app.scan(next);
    await app.cancel(next);
    await expectPhase(pc, 'cancelled');
    expect(await shape(pc)).toEqual(before);
    await server.kill();
    await pc.locator('[data-note=cancelled] [data-command]').click();
    await expectPhase(pc, 'offline');
    expect(await shape(pc)).toEqual(before);
  });
}

test('no page shifts its content while it loads', async ({ people }) => {
  const pc = await people.desktop();
  await pc.addInitScript(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as LayoutShift[]) {
        for (const { node, previousRect, currentRect } of entry.sources) {
          const [from, to] = [previousRect, currentRect].map(({ x, y, width, height }) => [x, y, width, height].join());
          const name = node instanceof Element ? `${node.tagName}.${node.className}` : String(node?.nodeName);
          shifts.push(`${name} from ${from} to ${to} after ${Math.round(entry.startTime)} ms`);
        }
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  for (const address of ['/', '/?tab=password']) {
    await pc.goto(address, { waitUntil: 'networkidle' });
    expect(await pc.evaluate(() => (window as unknown as { shifts: string[] }).shifts)).toEqual([]);
  }
});
