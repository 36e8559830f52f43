// The states of a phone's page.

import { expect } from '@playwright/test';
import { draw } from '../camera';
import { PASSWORDS } from '../people';
import {
  PICTURE,
  type Scene,
  at,
  confirmedByApp,
  decided,
  phoneAt,
  phoneSentTo,
  question,
  refused,
  signIn,
  silentPc,
} from './parts';

export const phoneScenes: Scene[] = [
  { name: 'phone-home', open: async ({ people, options }) => at(await people.phone(options), '/') },
  {
    name: 'phone-scanner',
    open: async ({ people, options }) => {
      const phone = await at(await people.phone({ ...options, account: 'dong' }), '/scan');
      await expect(phone.locator('.scanner')).toHaveAttribute('data-phase', 'ready');
      return phone;
    },
  },
  {
    name: 'phone-scanner-foreign',
    open: async ({ people, options }) => {
      const phone = await people.phone({ ...options, account: 'dong' });
      await draw(phone, '<svg xmlns="http://www.w3.org/2000/svg"/>', { finds: 'https://evil.example/confirm' });
      await at(phone, '/scan');
      await phone.locator('[data-note=ready] button').click();
      await expect(phone.locator('.scanner')).toHaveAttribute('data-phase', 'foreign');
      return phone;
    },
  },
  {
    name: 'phone-scanner-nothing',
    open: async ({ people, options }) => {
      const phone = await at(await people.phone({ ...options, account: 'dong' }), '/scan');
      await phone.locator('#photo').setInputFiles(PICTURE);
      await expect(phone.locator('.scanner')).toHaveAttribute('data-phase', 'nothing');
      return phone;
    },
  },
  {
    name: 'phone-in-app',
    open: async (stage) => {
      const userAgent = 'Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50';
      const phone = await phoneAt({ ...stage, options: { ...stage.options, userAgent } }, (await silentPc(stage.people)).id);
      await expect(phone.locator('.in-app')).toBeVisible();
      return phone;
    },
  },
  { name: 'phone-device', open: async ({ people, options }) => at(await people.phone({ ...options, account: 'dong' }), '/device') },
  { name: 'phone-sign-in', open: async (stage) => phoneAt(stage, (await silentPc(stage.people)).id) },
  {
    name: 'phone-sign-in-error',
    open: async (stage) => refused(await phoneAt(stage, (await silentPc(stage.people)).id)),
  },
  {
    name: 'phone-sign-in-foreign',
    open: async (stage) => phoneSentTo(stage, (await silentPc(stage.people)).id),
  },
  {
    name: 'phone-scan',
    open: async (stage) => {
      const phone = await phoneAt(stage, (await silentPc(stage.people)).id);
      // Held here; otherwise the page continues automatically.
      await phone.route('**/api/qrcode/scan', (route) => route.fulfill({ status: 204 }));
      await signIn(phone, PASSWORDS.dong);
      await expect(phone.locator('form.scan')).toBeVisible();
      return phone;
    },
  },
  { name: 'phone-continue', open: async (stage) => phoneAt(stage, (await silentPc(stage.people)).id, 'dong') },
  {
    name: 'phone-continue-foreign',
    open: async (stage) => phoneSentTo(stage, (await silentPc(stage.people)).id, 'dong'),
  },
  { name: 'phone-question', open: async (stage) => (await question(stage)).phone },
  {
    name: 'phone-working',
    open: async (stage) => {
      const { phone } = await question(stage);
      await phone.route('**/api/qrcode/confirm', () => {});
      await phone.locator('button.confirm').click();
      await expect(phone.locator('.ask')).toHaveAttribute('data-phase', 'confirming');
      return phone;
    },
  },
  {
    name: 'phone-offline',
    troubles: /ERR_FAILED/,
    open: async (stage) => {
      const { phone } = await question(stage);
      await phone.route('**/api/qrcode/confirm', (route) => route.abort());
      await phone.locator('button.confirm').click();
      await expect(phone.locator('.ask')).toHaveAttribute('data-phase', 'offline');
      return phone;
    },
  },
  { name: 'phone-approved', open: async (stage) => decided(stage, 'confirm') },
  { name: 'phone-cancelled', open: async (stage) => decided(stage, 'cancel') },
  {
    name: 'phone-cancelled-on-pc',
    open: async (stage) => {
      const { phone, post } = await question(stage);
      await post('abandon');
      await phone.reload();
      return phone;
    },
  },
  {
    name: 'phone-expired',
    settings: { manualClock: true },
    open: async (stage) => {
      const { id } = await silentPc(stage.people);
      await stage.server.expireCodes();
      return phoneAt(stage, id, 'dong');
    },
  },
  {
    name: 'phone-used',
    open: async (stage) => {
      const { id, post } = await confirmedByApp(stage);
      await post('redeem');
      return phoneAt(stage, id, 'guang');
    },
  },
  { name: 'phone-other', open: async (stage) => phoneAt(stage, (await confirmedByApp(stage)).id, 'guang') },
  { name: 'phone-unknown', troubles: /status of 404/, open: async (stage) => phoneAt(stage, 'gone') },
  {
    name: 'account-phone',
    open: async ({ people, options }) => at(await people.phone({ ...options, account: 'dong' }), '/account'),
  },
  {
    name: 'account-phone-install',
    open: async ({ people, options }) => {
      const phone = await people.phone({ ...options, account: 'dong' });
      await phone.addInitScript(() => {
        localStorage.setItem('approved', 'one two');
        Object.defineProperty(navigator, 'standalone', { value: false });
      });
      await at(phone, '/account');
      await expect(phone.locator('.install')).toBeVisible();
      return phone;
    },
  },
];
