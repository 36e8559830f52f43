// Takes the pictures of the product: scripts/pictures.sh runs it and puts them where they belong.

import { defineConfig, devices } from '@playwright/test';
import { chromium } from './support/chromium';

export default defineConfig({
  testDir: 'pictures',
  outputDir: 'test-results/pictures-failures',
  workers: 1,
  timeout: 120_000,
  reporter: 'list',
  projects: [{ name: 'chromium', use: devices['Desktop Chrome'] }],
  use: { locale: 'en-US', launchOptions: chromium },
});
