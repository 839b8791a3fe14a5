// What every page must stand: rules of accessibility, narrow screens, the keyboard.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const SIZES = [
  { name: '1280', width: 1280, height: 900 },
  { name: '390', width: 390, height: 844 },
];

/** Serious and critical findings, each as `rule: element`; needs a context with `bypassCSP`. */
export async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ['violations'] }),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** Elements that stick out to the right, beyond what scrolls in a box of its own. */
export async function stickingOut(page) {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    return [...document.body.querySelectorAll('*')]
      .filter((one) => one.getBoundingClientRect().right > wide + 1 && !one.closest('.scroll, pre'))
      .slice(0, 5)
      .map((one) => one.outerHTML.slice(0, 120));
  });
}

/** What the first press of Tab leads to. */
export async function firstStop(page) {
  await page.keyboard.press('Tab');
  return page.evaluate(() => document.activeElement?.className);
}

/** A page without script is asked through the protocol of the browser, which evaluates all the same. */
export async function open(context, address) {
  const page = await context.newPage();
  const failed = [];
  page.on('console', (line) => {
    if (line.type() === 'error') failed.push(line.text());
  });
  page.on('requestfailed', (request) => failed.push(`${request.url()} was not loaded`));
  const answer = await page.goto(address, { waitUntil: 'load' });
  return { page, failed, status: answer.status(), bytes: (await answer.body()).length };
}
