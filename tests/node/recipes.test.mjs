// Recipes for tag managers and content systems, each run against what its tool documents.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import vm from "node:vm";
import { permissionsOf, recipe, sandbox, template } from "../recipes.mjs";
import { block, chapters, quoted, read, rows } from "./documents.mjs";

const SRC = "https://www.example.com/aftercall.js";
const gtm = template();

/** Runs the template's code, which sees nothing but `require` and `data`. */
function run(data, { permissions = permissionsOf(gtm.permissions), loads = true, require } = {}) {
  const window = {};
  const order = [];
  const page = {
    window,
    inject: (url, done, failed) => {
      order.push(["inject", url, structuredClone(window)]);
      (loads ? done : failed)();
    },
  };
  const given = { gtmOnSuccess: () => order.push("success"), gtmOnFailure: () => order.push("failure"), ...data };
  const body = vm.compileFunction(gtm.code, ["require", "data"], {
    parsingContext: vm.createContext(Object.create(null)),
  });
  body(require ?? sandbox(permissions, page), given);
  return order;
}

test("Tag Manager: the template is whole", () => {
  const order = ["TERMS_OF_SERVICE", "INFO", "TEMPLATE_PARAMETERS", "SANDBOXED_JS_FOR_WEB_TEMPLATE"];
  assert.deepEqual(gtm.names, [...order, "WEB_PERMISSIONS", "TESTS", "NOTES"]);
  assert.deepEqual([gtm.info.type, gtm.info.containerContexts, gtm.info.id], ["TAG", ["WEB"], "cvt_temp_public_id"]);
  const names = gtm.parameters.flatMap(({ name, subParams }) => (subParams ? subParams.map(({ name }) => name) : name));
  for (const name of names) assert.match(gtm.code, new RegExp(`\\b${name}\\b`), `${name} is used`);
});

test("Tag Manager: the code is what the sandbox takes", () => {
  const code = gtm.code.replace(/\/\/.*/g, "").replace(/'[^']*'/g, "''");
  const forbidden =
    /\b(window|document|new|this|class|async|await|yield|try|throw|import|export|eval|Object|JSON)\b|=>\s*\{\s*\}|`|\.\.\.|\?\.|\?\?/;
  assert.doesNotMatch(code, forbidden);
  const required = [...gtm.code.matchAll(/require\('(\w+)'\)/g)].map(([, name]) => name).sort();
  // Each needs its permission, and there is no permission that nobody needs.
  const needs = { injectScript: "inject_script", setInWindow: "access_globals" };
  assert.deepEqual(Object.keys(permissionsOf(gtm.permissions)).sort(), required.map((name) => needs[name]).sort());
});

test("Tag Manager: the settings are there, and then the script", () => {
  const data = { src: SRC, consent: "google", outlets: "auto dataLayer", vwoAccount: "654321", kameleoonSite: "" };
  assert.deepEqual(run(data), [
    [
      "inject",
      SRC,
      { aftercallConfig: { consent: "google", outlets: "auto dataLayer", vwoAccount: "654321", base: SRC } },
    ],
    "success",
  ]);
  assert.deepEqual(run(data, { loads: false }).at(-1), "failure");
});

test("Tag Manager: an address that the template does not allow is not loaded", () => {
  assert.throws(() => run({ src: "https://elsewhere.example/aftercall.js", consent: "none" }), /inject_script/);
});

test("Tag Manager: the template's own test passes", () => {
  const scenarios = [...gtm.tests.matchAll(/^- name: (.+)\n {2}code: \|-\n((?: {4}.*\n?)+)/gm)];
  assert.equal(scenarios.length, 1);
  for (const [, name, code] of scenarios) {
    const mocks = {};
    const called = [];
    const tools = {
      mock: (api, value) => Object.assign(mocks, { [api]: value }),
      assertThat: (actual) => ({
        isEqualTo: (expected) => assert.deepEqual(actual, expected, name),
        isUndefined: () => assert.equal(actual, undefined, name),
      }),
      assertApi: (api) => ({ wasCalled: () => assert.ok(called.includes(api), `${name}: ${api}`) }),
      runCode: (data) =>
        called.push(
          ...run(data, { require: (api) => mocks[api] }).map((what) => (what === "success" ? "gtmOnSuccess" : what)),
        ),
    };
    vm.compileFunction(code, Object.keys(tools))(...Object.values(tools));
  }
});

const optimizely = JSON.parse(recipe("optimizely-integration.json"));

/** A page in which Optimizely runs the integration for each campaign that was decided. */
function decide(extension, campaigns, aftercall) {
  const scripts = [];
  const document = {
    getElementById: (id) => scripts.find((script) => script.id === id) ?? null,
    createElement: (tagName) => ({ tagName }),
    head: { appendChild: (script) => scripts.push(script) },
  };
  const window = { ...(aftercall && { aftercall }) };
  const names = ["campaignId", "experimentId", "variationId", "isHoldback", "extension"];
  const context = vm.createContext({ window, document });
  const track = vm.compileFunction(optimizely.options.track_layer_decision, names, { parsingContext: context });
  for (const [campaign, experiment, variation] of campaigns) track(campaign, experiment, variation, false, extension);
  return { scripts, window };
}

test("Optimizely: the integration has the shape that its importer takes", () => {
  assert.equal(optimizely.plugin_type, "analytics_integration");
  assert.deepEqual(Object.keys(optimizely).sort(), ["description", "form_schema", "name", "options", "plugin_type"]);
  assert.deepEqual(Object.keys(optimizely.options), ["track_layer_decision"]);
  for (const { name, field_type, label, default_value, options } of optimizely.form_schema) {
    assert.ok(label);
    assert.match(optimizely.options.track_layer_decision, new RegExp(`extension\\.${name}\\b`));
    if (field_type === "dropdown") assert.ok(options.choices.some(({ value }) => value === default_value));
    else assert.deepEqual([field_type, options], ["text", null]);
  }
});

test("Optimizely: several campaigns load the script once, with the settings", () => {
  const extension = { src: SRC, consent: "tcf", outlets: "auto" };
  const { scripts, window } = decide(extension, [
    ["1", "2", "3"],
    ["4", "5", "6"],
  ]);
  assert.deepEqual(
    scripts.map(({ src, async }) => [src, async]),
    [[SRC, true]],
  );
  assert.deepEqual({ ...window.aftercallConfig }, { consent: "tcf", outlets: "auto" });
  assert.equal(window.aftercall.length, 2, "the script, when it is there, looks again");
});

test("Optimizely: where the script is on the page, it looks again, and nothing is loaded", () => {
  let looks = 0;
  const tag = { version: "1.2.3", refresh: () => looks++, push: (callback) => callback(tag) };
  assert.deepEqual(decide({ src: SRC }, [["1", "2", "3"]], tag).scripts, []);
  assert.deepEqual(decide({ src: "" }, [["1", "2", "3"]]).scripts, []);
  assert.equal(looks, 1);
});

const php = (...args) => execFileSync("php", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const hasPhp = () => {
  try {
    return php("--version").startsWith("PHP");
  } catch {
    return false;
  }
};

test("WordPress: the plugin prints the script into the head", { skip: !hasPhp() && "There is no PHP here." }, () => {
  const file = new URL("../../recipes/wordpress.php", import.meta.url).pathname;
  assert.match(php("-l", file), /No syntax errors/);
  // WordPress, as far as the plugin sees it: hooks with priorities, and wp_print_script_tag as its reference has it.
  const wordpress = `
    define( 'ABSPATH', '/' );
    $hooks = array();
    function add_filter( $name, $callback, $priority = 10 ) { global $hooks; $hooks[ $name ][ $priority ][] = $callback; }
    function add_action( $name, $callback, $priority = 10 ) { add_filter( $name, $callback, $priority ); }
    function apply_filters( $name, $value ) {
      global $hooks;
      foreach ( $hooks[ $name ] ?? array() as $callbacks ) foreach ( $callbacks as $callback ) $value = $callback( $value );
      return $value;
    }
    function plugin_basename( $file ) { return basename( $file ); }
    function plugins_url( $path, $file ) { return 'https://example.com/wp-content/mu-plugins/' . $path; }
    function __return_true() { return true; }
    function wp_print_script_tag( $attributes ) {
      $text = '';
      foreach ( $attributes as $name => $value )
        $text .= true === $value ? " $name" : sprintf( ' %s="%s"', $name, htmlspecialchars( $value, ENT_QUOTES ) );
      echo "<script$text></script>";
    }
    require '${file}';
    FILTER
    ksort( $hooks['wp_head'] );
    echo json_encode( array_keys( $hooks['wp_head'] ) ), json_encode( apply_filters( 'wp_consent_api_registered_wordpress.php', false ) );
    foreach ( $hooks['wp_head'] as $callbacks ) foreach ( $callbacks as $callback ) $callback();`;
  const printed = (filter) => php("-r", wordpress.replace("FILTER", filter));
  const src = "https://example.com/wp-content/mu-plugins/aftercall/aftercall.js";
  assert.equal(printed(""), `[1]true<script async src="${src}" data-consent="wp" data-outlets="auto forms"></script>`);
  const changed = `add_filter( 'aftercall_settings', fn ( $s ) => array( 'consent' => '"x' ) + $s );`;
  assert.match(printed(changed), /data-consent="&quot;x" data-outlets="auto forms"/);
});

test("WordPress: nothing runs outside of WordPress", { skip: !hasPhp() && "There is no PHP here." }, () => {
  assert.equal(php(new URL("../../recipes/wordpress.php", import.meta.url).pathname), "");
});

const quotedText = (source) => [...source.matchAll(/"(\w+)"/g)].map(([, text]) => text);
const documented = chapters(read("docs/outlets.md"));

test("the document has every outlet, and no other", () => {
  const names = quotedText(read("www/tag/outlets/names.ts"));
  const shown = rows(documented.get("Who gets it")).map(([name]) => quoted(name)[0]);
  assert.deepEqual(["auto", ...shown].sort(), names.sort());
});

test("the document has every call tracker whose id is read, and its cookie", () => {
  const [, table] = read("src/call_trackers.rs").match(/static COOKIES: .+ = \[([^\]]+)\];/);
  const shown = rows(documented.get("Call trackers' own ids"));
  assert.deepEqual(
    shown.flatMap(([name, cookie]) => [quoted(name)[0], quoted(cookie)[0]]),
    quotedText(table),
  );
});

test("a source of the command is called as its tracker is", () => {
  const [, presets] = read("cli/src/input/columns.rs").match(/pub enum Preset \{([^}]+)\}/);
  const sources = [...presets.matchAll(/^ {4}(\w+),$/gm)].map(([, name]) => name.toLowerCase());
  const trackers = rows(documented.get("Call trackers' own ids")).map(([name]) => quoted(name)[0]);
  // ResponseTap's records are not known.
  assert.deepEqual(
    trackers.filter((name) => !sources.includes(name)),
    ["responsetap"],
  );
});

test("the document's Retreaver code hands over the number", () => {
  const window = {};
  const campaign = { request_number: (_, callback) => callback("number") };
  vm.runInNewContext(block(documented.get("Recipes"), "js"), { window, campaign });
  assert.deepEqual([...window.aftercallNumbers], ["number"]);
});
