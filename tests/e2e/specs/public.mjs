// Every public page: wide and narrow, with and without script, by keyboard, in large letters, on paper.
import { join } from 'node:path';
import { SIZES, findings, firstStop, open, stickingOut } from '../page.mjs';

const MOST_BYTES = 100_000;

/** Addresses with a name each; what depends on the city is asked from the interface. */
async function addresses(origin) {
  const json = async (path) => (await fetch(`${origin}${path}`)).json();
  const found = await json('/api/v1/companies?name=%E7%A4%BA%E4%BE%8B&limit=100');
  const graded = found.companies.filter((one) => one.grade);
  const best = graded.find((one) => one.grade === 'AAA') ?? graded[0];
  const worst = graded.find((one) => one.grade === 'C') ?? graded.at(-1);
  const lists = await json('/api/v1/lists');
  const entry = lists.flatMap((list) => list.entries)[0]?.[1];
  const { ruleset } = await json('/api/v1/statistics');
  return {
    home: '/',
    search: '/search?q=%E7%A4%BA%E4%BE%8B',
    'search-nothing': '/search?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84%E5%85%AC%E5%8F%B8',
    company: `/companies/${best.uscc}`,
    'company-low': `/companies/${worst.uscc}`,
    'not-in-scope': '/companies/91000000000000000K',
    lists: '/lists',
    ...(entry ? { entry: `/lists/${entry.id}` } : {}),
    rules: '/rules',
    'rules-version': `/rules/${ruleset.digest.slice(0, 12)}`,
    draws: '/draws',
    'draws-verify': '/draws/verify',
    statistics: '/statistics',
    'open-data': '/open-data',
    badge: '/badge',
    'badge-of': `/badge?company=${best.uscc}`,
    report: '/report',
    'report-mistyped': '/report?code=ABC',
    missing: '/nothing/here',
  };
}

export default async function ({ browser, origin, pictures, check }) {
  const pages = await addresses(origin);
  for (const script of [true, false]) {
    for (const { name: size, width, height } of SIZES) {
      const viewport = { width, height };
      const context = await browser.newContext({ javaScriptEnabled: script, viewport, locale: 'zh-CN' });
      // Checks are injected; what the page itself may do is another context's.
      const checked = await browser.newContext({ bypassCSP: true, viewport, locale: 'zh-CN' });
      for (const [name, path] of Object.entries(pages)) {
        const where = `${name} at ${size}, ${script ? 'with' : 'without'} script`;
        const { page, failed, status, bytes } = await open(context, origin + path);
        const odd = ['missing', 'not-in-scope'].includes(name);
        check((status === 200) !== odd, `${where}: status ${status}`);
        const own = failed.filter((line) => !(odd && line.includes('404')));
        check(own.length === 0, `${where}: ${own.join('; ')}`);
        check(bytes < MOST_BYTES, `${where}: ${bytes} bytes`);
        if (script) {
          const out = await stickingOut(page);
          check(out.length === 0, `${where}: sticks out: ${out.join(' | ')}`);
          check((await firstStop(page)) === 'skip', `${where}: the first stop is not the skip link`);
          const { page: bare } = await open(checked, origin + path);
          const found = await findings(bare);
          check(found.length === 0, `${where}: ${found.join(' | ')}`);
          await bare.close();
          await page.evaluate(() => document.activeElement?.blur());
          await page.screenshot({ path: join(pictures, `${name}-${size}.png`), fullPage: true });
        } else {
          check((await page.locator('h1').count()) === 1, `${where}: no heading`);
        }
        await page.close();
      }
      await context.close();
      await checked.close();
    }
  }
  await largeLetters(browser, origin, pictures, check);
  await zoomed(browser, origin, pages, check);
  await paper(browser, origin, pages, pictures, check);
  await lookUp(browser, origin, check);
}

/** The switch works without script, holds on the next page, and goes back. */
async function largeLetters(browser, origin, pictures, check) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const letter = () => page.locator('h1').evaluate((one) => parseFloat(getComputedStyle(one).fontSize));
  await page.goto(`${origin}/rules`);
  const before = await letter();
  await page.getByRole('button', { name: '大字' }).click();
  check(page.url() === `${origin}/rules`, `large letters lead to ${page.url()}`);
  check((await letter()) > before * 1.2, 'letters are not larger');
  await page.goto(`${origin}/statistics`);
  check((await page.getByRole('button', { name: '标准字号' }).count()) === 1, 'large letters are forgotten');
  check((await stickingOut(page)).length === 0, 'large letters stick out');
  await page.screenshot({ path: join(pictures, 'large-390.png'), fullPage: true });
  await page.goto(`${origin}/rules`);
  await page.getByRole('button', { name: '标准字号' }).click();
  check((await letter()) === before, 'letters do not go back');
  await context.close();
}

/** Twice as large on a screen of 1280 is what 640 shows (WCAG 1.4.10 asks for 320). */
async function zoomed(browser, origin, pages, check) {
  for (const width of [640, 320]) {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    for (const [name, path] of Object.entries(pages)) {
      const { page } = await open(context, origin + path);
      const out = await stickingOut(page);
      check(out.length === 0, `${name} at ${width}: sticks out: ${out.join(' | ')}`);
      await page.close();
    }
    await context.close();
  }
}

/** On paper there is no navigation, and tables that were folded are open. */
async function paper(browser, origin, pages, pictures, check) {
  const context = await browser.newContext({ viewport: { width: 794, height: 1123 } });
  for (const name of ['company', 'rules', 'statistics']) {
    const { page } = await open(context, origin + pages[name]);
    await page.emulateMedia({ media: 'print' });
    check(!(await page.locator('.top nav').isVisible()), `${name} on paper has a navigation`);
    if (name === 'statistics') {
      check(await page.locator('figure table').first().isVisible(), 'tables of charts are not printed');
    }
    await page.screenshot({ path: join(pictures, `${name}-paper.png`), fullPage: true });
    await page.close();
  }
  await context.close();
}

/** A company is found by keyboard alone. */
async function lookUp(browser, origin, check) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(origin);
  await page.getByLabel('企业名称或统一社会信用代码').focus();
  await page.keyboard.type('示例');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/search?q=*');
  await page.locator('.results a').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/companies/*');
  check(await page.locator('h1').isVisible(), 'a company is not found by keyboard');
  await context.close();
}
