// Opens the pages of a running service in a real Chromium. Plain node; every file of specs/ is a part.
//
//   node run.mjs [NAME...]     all parts, or those named: `node run.mjs public`
//
// WUXIN     the program (target/debug/wuxin)
// CHROMIUM  the browser (found on the path)
// Pictures lie in target/e2e, to be looked at.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser, startDemo } from './house.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const pictures = join(root, 'target/e2e');
rmSync(pictures, { recursive: true, force: true });
mkdirSync(pictures, { recursive: true });

const wanted = process.argv.slice(2);
const names = readdirSync(join(here, 'specs'))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .sort();
if (names.length === 0) {
  console.error(`no such part: ${wanted.join(' ')}`);
  process.exit(2);
}

const faults = [];
let checks = 0;
/** Counts a check; what is false is told at the end and fails the run. */
function check(holds, what) {
  checks += 1;
  if (!holds) {
    faults.push(what);
    console.error(`  FAULT ${what}`);
  }
}

const house = await startDemo(process.env.WUXIN ?? join(root, 'target/debug/wuxin'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? findBrowser(),
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  for (const name of names) {
    const began = Date.now();
    const part = await import(pathToFileURL(join(here, 'specs', `${name}.mjs`)));
    console.log(`== ${name}`);
    try {
      await part.default({ browser, origin: house.origin, pictures, check });
    } catch (fault) {
      faults.push(`${name}: ${fault.stack}`);
    }
    console.log(`   ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
} finally {
  await browser.close();
  await house.stop();
}
console.log(`${checks} checks, ${faults.length} faults`);
for (const fault of faults) console.error(`- ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
