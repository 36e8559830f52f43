// A network that requests far too many codes.

import { type Page, expect } from '@playwright/test';
import type { Server } from './server';

/** Requests codes without a pause, until the page is refused one, too. */
export async function openWhileFlooded(page: Page, server: Server): Promise<void> {
  let isOver = false;
  const ask = async () => fetch(`${server.url}/api/qrcode/generate`, { method: 'POST' });
  const flooding = (async () => {
    while (!isOver) await Promise.all(Array.from({ length: 20 }, ask));
  })();
  try {
    await expect(async () => {
      const answer = await page.goto('/');
      expect(answer?.status()).toBe(429);
    }).toPass();
  } finally {
    isOver = true;
    await flooding;
  }
}
