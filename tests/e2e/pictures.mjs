// Makes the pictures of the read-mes from the demo: `node pictures.mjs`, after `cargo build`.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser, startDemo } from './house.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = join(root, 'docs/pictures');
const MOST_BYTES = 150_000;
mkdirSync(folder, { recursive: true });

const house = await startDemo(process.env.WUXIN ?? join(root, 'target/debug/wuxin'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? findBrowser(),
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const answer = await fetch(`${house.origin}/api/v1/companies?name=%E7%A4%BA%E4%BE%8B&limit=100`);
  const { companies } = await answer.json();
  const company = companies.find((one) => one.grade === 'AA') ?? companies[0];
  const pages = {
    home: '/',
    company: `/companies/${company.uscc}`,
    statistics: '/statistics',
    rules: '/rules',
  };
  const page = await browser.newPage({ viewport: { width: 1000, height: 760 }, locale: 'zh-CN' });
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(house.origin + path);
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file });
    const { size } = statSync(file);
    console.log(`${name}.png ${size} bytes`);
    if (size > MOST_BYTES) throw new Error(`${name}.png has ${size} bytes`);
  }
} finally {
  await browser.close();
  await house.stop();
}
