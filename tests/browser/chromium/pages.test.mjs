// The demo's pages for everybody: on a small screen, from the keyboard, in the dark, and to a screen reader's eye.
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { ready, visit } from "../browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

const pages = { shop: "", settings: "settings.html", backoffice: "backoffice.html" };

/**
 * Each page with something on it: calls, a form, a revenue, a wrong entry.
 * @param {Page} page
 * @param {string} url
 * @param {(name: string) => Promise<void>} look
 */
async function tour(page, url, look) {
  // A shop that is the same in every run: the mood is the winter night.
  const buckets = { 3112745061: "3130288417", 3119460253: "3122047715", 3124819976: "0" };
  await page
    .context()
    .addCookies([{ name: "optimizelyBuckets", value: encodeURIComponent(JSON.stringify(buckets)), url }]);
  await page.goto(url);
  await ready(page);
  await page.locator("#call").click();
  await page.getByLabel("Your name").fill("A name that is rather long, such as Wolfeschlegelsteinhausenbergerdorff");
  await page.getByLabel("E-mail").fill("somebody@example.com");
  await page.getByLabel("Your corner", { exact: true }).fill("Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(2));
  await page.getByRole("button", { name: "Send" }).click();
  await look("shop");
  await page.goto(url + pages.settings);
  await ready(page);
  await page.getByLabel("Project id").first().fill("Pneumonoultramicroscopicsilicovolcanoconiosis");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Not saved").waitFor();
  await look("settings");
  await page.goto(url + pages.backoffice);
  await ready(page);
  await page.getByLabel("Worth").fill("8490.00");
  await page.locator("#summary", { hasText: "4 requests" }).waitFor();
  await look("backoffice");
}

test("nothing is wider than a small phone", async () => {
  await visit(
    ({ page, url }) =>
      tour(page, url, async (name) => {
        const wide = await page.evaluate(() => ({
          page: document.documentElement.scrollWidth,
          elements: [...document.querySelectorAll("body *")]
            .filter((one) => !one.closest("svg") && one.getBoundingClientRect().right > innerWidth + 0.5)
            .map((one) => one.outerHTML.slice(0, 80)),
        }));
        assert.deepEqual(wide, { page: 360, elements: [] }, name);
      }),
    { viewport: { width: 360, height: 740 } },
  );
});

test("the keyboard reaches everything, in the order of the page", async () => {
  await visit(({ page, url }) =>
    tour(page, url, async (name) => {
      await page.evaluate(() => {
        /** @type {HTMLElement} */ (document.activeElement)?.blur();
        document.body.tabIndex = -1;
        document.body.focus();
        window.scrollTo(0, 0);
      });
      const stops = await page.evaluate(() => {
        const focusable = document.querySelectorAll(
          "a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex='0']",
        );
        const open = [...focusable].filter((one) => one.checkVisibility());
        // A group of radio buttons is one stop.
        window.stops = open.filter((one) => !(one instanceof HTMLInputElement && one.type === "radio" && !one.checked));
        return window.stops.length;
      });
      assert.ok(stops > 5, name);
      for (let position = 0; position < stops; position += 1) {
        await page.keyboard.press("Tab");
        const { found, label, visible } = await page.evaluate(() => {
          const { activeElement } = document;
          const box = activeElement.getBoundingClientRect();
          return {
            found: window.stops.indexOf(activeElement),
            label: activeElement.outerHTML.slice(0, 80),
            // In view, and drawn with an outline of its own or of the card around it.
            visible:
              box.bottom > 0 &&
              box.top < innerHeight &&
              [activeElement, activeElement.parentElement].some((one) => getComputedStyle(one).outlineStyle !== "none"),
          };
        });
        assert.equal(found, position, `${name}: ${label}`);
        assert.ok(visible, `${name}: one does not see the focus on ${label}`);
      }
    }),
  );
});

test("every field has a name, every page its landmarks and one title", async () => {
  await visit(({ page, url }) =>
    tour(page, url, async (name) => {
      const found = await page.evaluate(() => ({
        language: document.documentElement.lang,
        mains: document.querySelectorAll("main").length,
        navigations: document.querySelectorAll("nav[aria-label]").length,
        titles: [...document.querySelectorAll("h1")].filter((one) => one.checkVisibility()).length,
        nameless: [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
          .filter((one) => !one.labels?.[0]?.textContent.trim())
          .map((one) => one.outerHTML),
        silent: [...document.querySelectorAll("button, a")].filter((one) => !one.textContent.trim()).length,
        dangling: [...document.querySelectorAll("[aria-describedby], [aria-labelledby]")]
          .flatMap((one) => [one.getAttribute("aria-describedby"), one.getAttribute("aria-labelledby")])
          .flatMap((ids) => ids?.split(" ") ?? [])
          .filter((id) => !document.getElementById(id)),
        twice: [...document.querySelectorAll("[id]")]
          .map((one) => one.id)
          .filter((id, index, all) => all.indexOf(id) !== index),
        inline: document.querySelectorAll("script:not([src]), [style], [onclick]").length,
      }));
      assert.deepEqual(
        found,
        {
          language: "en",
          mains: 1,
          navigations: 1,
          titles: 1,
          nameless: [],
          silent: 0,
          dangling: [],
          twice: [],
          inline: 0,
        },
        name,
      );
    }),
  );
});

for (const colorScheme of /** @type {const} */ (["light", "dark"]))
  test(`text stands out from what is behind it, ${colorScheme}`, async () => {
    await visit(
      ({ page, url }) =>
        tour(page, url, async (name) => {
          const { faint, compared } = await page.evaluate(() => {
            const channels = (/** @type {string} */ color) => {
              const numbers = color.match(/[\d.]+/g)?.map(Number) ?? [];
              // A mixed colour is printed as color(srgb 0.5 0.5 0.5), any other as rgb(128, 128, 128).
              return color.startsWith("color(") ? numbers.map((one, index) => (index < 3 ? one * 255 : one)) : numbers;
            };
            const luminance = (/** @type {number[]} */ rgb) => {
              const [red, green, blue] = rgb.map((one) =>
                one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4,
              );
              return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            };
            const behind = (/** @type {Element | null} */ one) => {
              for (let at = one; at; at = at.parentElement) {
                const [red, green, blue, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
                if (alpha === 1) return [red, green, blue];
              }
              return [255, 255, 255];
            };
            const texts = [...document.querySelectorAll("body *")].filter(
              // The words over the drawing are not on a plain ground: people look at those.
              (one) =>
                [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()) &&
                one.checkVisibility() &&
                !one.matches(".hero .pitch > :not(.call) *, .hero .pitch > :not(.call)"),
            );
            const faint = texts.flatMap((one) => {
              const { color, fontSize, fontWeight } = getComputedStyle(one);
              const [dark, light] = [luminance(channels(color).slice(0, 3)), luminance(behind(one))].sort(
                (a, b) => a - b,
              );
              const size = Number.parseFloat(fontSize);
              const large = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
              const ratio = (light + 0.05) / (dark + 0.05);
              return ratio >= (large ? 3 : 4.5) ? [] : [`${ratio.toFixed(2)} ${one.outerHTML.slice(0, 80)}`];
            });
            return { faint, compared: texts.length };
          });
          assert.ok(compared > 20, name);
          assert.deepEqual(faint, [], name);
        }),
      { colorScheme, reducedMotion: "reduce" },
    );
  });

test("pictures of every page, for people to look at", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "aftercall-pictures-"));
  const looks = {
    light: {},
    dark: { colorScheme: /** @type {const} */ ("dark") },
    phone: { viewport: { width: 360, height: 740 } },
  };
  for (const [look, options] of Object.entries(looks))
    await visit(
      ({ page, url }) =>
        tour(page, url, async (name) => {
          await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
        }),
      { reducedMotion: "reduce", ...options },
    );
  t.diagnostic(`The pictures are in ${folder}.`);
});
